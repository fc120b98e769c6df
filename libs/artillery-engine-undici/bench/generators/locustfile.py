from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    @task
    def root(self):
        self.client.get("/")
