"""Writes, lists and deletes log entries, and sends those of Python's logging module, over grpc or rest, depending on the first argument."""
import json
import logging
import os
import sys

from google.cloud import logging as google_logging
from google.cloud.logging_v2.resource import Resource

uses_grpc = sys.argv[1] == "grpc"
endpoint = f"127.0.0.1:{os.environ['EMULATOR_PORT']}" if uses_grpc else os.environ["EMULATOR_URL"]
client = google_logging.Client(client_options={"api_endpoint": endpoint}, _use_grpc=uses_grpc)

# Named, since the client asks a metadata server for it otherwise.
resource = Resource(type="global", labels={})
logger = client.logger("python-log", resource=resource)
logger.log_struct({"message": "python says", "order": 17}, severity="ERROR", labels={"from": "python"})
logger.log_text("a text")
# Without a time of its own, the client adds the last day to the filter.
listed = list(client.list_entries(filter_='log_id("python-log") severity>=ERROR jsonPayload.order=17'))
texts = list(logger.list_entries(filter_="textPayload:text", order_by=google_logging.DESCENDING))

handler = google_logging.handlers.CloudLoggingHandler(client, name="python-handler", resource=resource)
own = logging.getLogger("peer")
own.addHandler(handler)
own.warning("the handler says %d", 17)
handler.flush()
handled = list(client.list_entries(filter_='log_id("python-handler")'))

logger.delete()
left = list(logger.list_entries())
print(
    json.dumps(
        {
            "listed": [[entry.payload, entry.severity, entry.labels] for entry in listed],
            "texts": [entry.payload for entry in texts],
            "handled": [[entry.payload, entry.severity] for entry in handled],
            "left": len(left),
        }
    )
)
