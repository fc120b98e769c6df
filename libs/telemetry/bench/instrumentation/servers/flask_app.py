"""Flask with the same metrics, in prometheus_client's multiprocess mode; run by gunicorn."""

import time

from flask import Flask, g, request
from prometheus_client import Counter, Histogram

app = Flask(__name__)
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
HELLO = Counter("flask_app_hello_requests", "Hello requests", ["app", "environment"])
REQUESTS = Counter("flask_http_request", "Requests", ["method", "status"])
DURATION = Histogram(
    "flask_http_request_duration_seconds", "Duration", ["method", "path", "status"], buckets=BUCKETS
)


@app.before_request
def begin():
    g.begin = time.perf_counter()


@app.after_request
def observe(response):
    REQUESTS.labels(request.method, response.status_code).inc()
    DURATION.labels(request.method, request.path, response.status_code).observe(
        time.perf_counter() - g.begin
    )
    return response


@app.route("/")
def hello():
    HELLO.labels("flask-app", "staging").inc()
    return "Hello World!"
