import os

from locust import FastHttpUser, constant, constant_throughput, runners, task

# Debian's package has an empty version string, and a master turns away workers that tell none.
runners.__version__ = runners.__version__ or "Debian"

rate = float(os.environ.get("REQUESTS_PER_USER", "0"))


class Hello(FastHttpUser):
    wait_time = constant_throughput(rate) if rate > 0 else constant(0)

    @task
    def hello(self):
        self.client.get("/")
