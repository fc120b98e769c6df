import com.google.api.Metric;
import com.google.api.MetricDescriptor;
import com.google.api.MonitoredResource;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.gax.rpc.InvalidArgumentException;
import com.google.api.services.monitoring.v3.Monitoring;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.monitoring.dashboard.v1.DashboardsServiceClient;
import com.google.cloud.monitoring.dashboard.v1.DashboardsServiceSettings;
import com.google.cloud.monitoring.v3.MetricServiceClient;
import com.google.cloud.monitoring.v3.MetricServiceSettings;
import com.google.cloud.trace.v1.TraceServiceClient;
import com.google.cloud.trace.v1.TraceServiceSettings;
import com.google.devtools.cloudtrace.v2.Span;
import com.google.devtools.cloudtrace.v2.TruncatableString;
import com.google.monitoring.dashboard.v1.Dashboard;
import com.google.monitoring.dashboard.v1.GridLayout;
import com.google.monitoring.v3.ListTimeSeriesRequest;
import com.google.monitoring.v3.Point;
import com.google.monitoring.v3.ProjectName;
import com.google.monitoring.v3.TimeInterval;
import com.google.monitoring.v3.TimeSeries;
import com.google.monitoring.v3.TypedValue;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.List;

/** Writes and reads metrics, descriptors, dashboards and spans with Google's clients for Java, and prints a line of each. */
public class GoogleMonitoring {
  private static final String PROJECT = System.getenv("GOOGLE_CLOUD_PROJECT");
  private static final String ENDPOINT = "127.0.0.1:" + System.getenv("EMULATOR_PORT");
  private static final String TYPE = "custom.googleapis.com/java_level";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  public static void main(String[] args) throws Exception {
    Instant now = Instant.now();
    metrics(now);
    dashboards();
    spans(now);
    System.out.println("by REST: " + byRest());
    System.exit(0);
  }

  private static void metrics(Instant now) throws Exception {
    try (MetricServiceClient client =
        MetricServiceClient.create(MetricServiceSettings.newBuilder().setEndpoint(ENDPOINT).build())) {
      MetricDescriptor descriptor =
          MetricDescriptor.newBuilder()
              .setType(TYPE)
              .setMetricKind(MetricDescriptor.MetricKind.GAUGE)
              .setValueType(MetricDescriptor.ValueType.DOUBLE)
              .setDescription("A level")
              .build();
      client.createMetricDescriptor(ProjectName.of(PROJECT), descriptor);
      String name = "projects/" + PROJECT + "/metricDescriptors/" + TYPE;
      System.out.println("descriptor: " + client.getMetricDescriptor(name).getDescription());
      client.createTimeSeries(ProjectName.of(PROJECT), List.of(series(now)));
      try {
        client.createTimeSeries(ProjectName.of(PROJECT), List.of(series(now.minusSeconds(60))));
      } catch (InvalidArgumentException refused) {
        System.out.println("refused: " + refused.getMessage().contains("Points must be written in order"));
      }
      ListTimeSeriesRequest request =
          ListTimeSeriesRequest.newBuilder()
              .setName("projects/" + PROJECT)
              .setFilter("metric.type=\"" + TYPE + "\"")
              .setInterval(
                  TimeInterval.newBuilder()
                      .setStartTime(timestamp(now.minusSeconds(300)))
                      .setEndTime(timestamp(now.plusSeconds(1))))
              .build();
      for (TimeSeries one : client.listTimeSeries(request).iterateAll())
        System.out.println("read: " + one.getMetric().getLabelsMap() + " " + one.getPoints(0).getValue().getDoubleValue());
    }
  }

  private static void dashboards() throws Exception {
    try (DashboardsServiceClient client =
        DashboardsServiceClient.create(DashboardsServiceSettings.newBuilder().setEndpoint(ENDPOINT).build())) {
      Dashboard dashboard =
          Dashboard.newBuilder().setDisplayName("From Java").setGridLayout(GridLayout.getDefaultInstance()).build();
      com.google.monitoring.dashboard.v1.CreateDashboardRequest request =
          com.google.monitoring.dashboard.v1.CreateDashboardRequest.newBuilder()
              .setParent("projects/" + PROJECT)
              .setDashboard(dashboard)
              .build();
      String name = client.createDashboard(request).getName();
      System.out.println("dashboard: " + client.getDashboard(
          com.google.monitoring.dashboard.v1.GetDashboardRequest.newBuilder().setName(name).build()).getDisplayName());
    }
  }

  private static void spans(Instant now) throws Exception {
    com.google.cloud.trace.v2.TraceServiceSettings settings =
        com.google.cloud.trace.v2.TraceServiceSettings.newBuilder().setEndpoint(ENDPOINT).build();
    try (com.google.cloud.trace.v2.TraceServiceClient client =
        com.google.cloud.trace.v2.TraceServiceClient.create(settings)) {
      Span span =
          Span.newBuilder()
              .setName("projects/" + PROJECT + "/traces/" + TRACE + "/spans/b7ad6b7169203331")
              .setSpanId("b7ad6b7169203331")
              .setDisplayName(TruncatableString.newBuilder().setValue("java span"))
              .setStartTime(timestamp(now.minusSeconds(1)))
              .setEndTime(timestamp(now))
              .build();
      client.batchWriteSpans("projects/" + PROJECT, List.of(span));
    }
    try (TraceServiceClient client =
        TraceServiceClient.create(TraceServiceSettings.newBuilder().setEndpoint(ENDPOINT).build())) {
      System.out.println("span: " + client.getTrace(PROJECT, TRACE).getSpans(0).getName());
    }
  }

  private static List<String> byRest() throws Exception {
    GoogleCredentials credentials =
        GoogleCredentials.getApplicationDefault().createScoped("https://www.googleapis.com/auth/cloud-platform");
    Monitoring monitoring =
        new Monitoring.Builder(
                new NetHttpTransport(),
                GsonFactory.getDefaultInstance(),
                new HttpCredentialsAdapter(credentials))
            .setRootUrl(System.getenv("EMULATOR_URL") + "/")
            .setApplicationName("peer")
            .build();
    return monitoring.projects().metricDescriptors().list("projects/" + PROJECT).execute().getMetricDescriptors().stream()
        .map(one -> one.getType())
        .toList();
  }

  private static TimeSeries series(Instant end) {
    return TimeSeries.newBuilder()
        .setMetric(Metric.newBuilder().setType(TYPE).putLabels("shop", "north"))
        .setResource(MonitoredResource.newBuilder().setType("global"))
        .addPoints(
            Point.newBuilder()
                .setInterval(TimeInterval.newBuilder().setEndTime(timestamp(end)))
                .setValue(TypedValue.newBuilder().setDoubleValue(7.5)))
        .build();
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()).build();
  }
}
