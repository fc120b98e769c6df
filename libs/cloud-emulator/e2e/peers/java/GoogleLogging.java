import com.google.cloud.MonitoredResource;
import com.google.cloud.logging.LogEntry;
import com.google.cloud.logging.LogEntryServerStream;
import com.google.cloud.logging.Logging;
import com.google.cloud.logging.Logging.EntryListOption;
import com.google.cloud.logging.Logging.TailOption;
import com.google.cloud.logging.LoggingOptions;
import com.google.cloud.logging.Payload.JsonPayload;
import com.google.cloud.logging.Payload.StringPayload;
import com.google.cloud.logging.Severity;
import com.google.cloud.logging.Synchronicity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes, tails, lists and deletes log entries with Google's client for Java, and prints a line of each. */
public class GoogleLogging {
  public static void main(String[] args) throws Exception {
    LoggingOptions options =
        LoggingOptions.newBuilder().setHost("127.0.0.1:" + System.getenv("EMULATOR_PORT")).build();
    try (Logging logging = options.getService()) {
      logging.setWriteSynchronicity(Synchronicity.SYNC);
      logging.write(List.of(entry(JsonPayload.of(Map.of("message", "java says", "order", 17)), Severity.ERROR)));
      System.out.println("tailed: " + tailed(logging));

      List<String> listed = new ArrayList<>();
      EntryListOption filter = EntryListOption.filter("log_id(\"java-log\") severity>=ERROR jsonPayload.order=17");
      for (LogEntry entry : logging.listLogEntries(filter).iterateAll()) {
        Map<String, Object> data = entry.<JsonPayload>getPayload().getDataAsMap();
        listed.add(data.get("message") + " " + entry.getSeverity() + " " + entry.getLabels());
      }
      System.out.println("listed: " + listed);
      System.out.println("deleted: " + logging.deleteLog("java-log"));
      System.out.println("left: " + logging.listLogEntries(filter).getValues().iterator().hasNext());
    }
    System.exit(0);
  }

  private static LogEntry entry(com.google.cloud.logging.Payload<?> payload, Severity severity) {
    return LogEntry.newBuilder(payload)
        .setLogName("java-log")
        .setSeverity(severity)
        .setResource(MonitoredResource.newBuilder("global").build())
        .addLabel("from", "java")
        .build();
  }

  /**
   * A tail returns entries that are written after it has started, which is not signalled: entries are written until it
   * returns one.
   */
  private static String tailed(Logging logging) throws InterruptedException {
    LogEntryServerStream stream = logging.tailLogEntries(TailOption.filter("textPayload:during"));
    Thread writer =
        new Thread(
            () -> {
              while (!Thread.interrupted()) {
                logging.write(List.of(entry(StringPayload.of("said during the tail"), Severity.INFO)));
                try {
                  Thread.sleep(250);
                } catch (InterruptedException ended) {
                  return;
                }
              }
            });
    writer.start();
    LogEntry first = stream.iterator().next();
    writer.interrupt();
    writer.join();
    stream.cancel();
    return first.<StringPayload>getPayload().getData();
  }
}
