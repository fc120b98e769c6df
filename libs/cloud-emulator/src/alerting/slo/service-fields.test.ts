import { sloJson } from '../../../test/testing/alerting-calls.ts'
import { type CallCase, created, refusedBodies, refusedCalls, testCalls } from '../../../test/testing/call-cases.ts'

type Json = Record<string, unknown>

const CREATE = 'POST projects/demo-project/services'
const CREATE_SLO = 'POST {service}/serviceLevelObjectives'
const LATENCIES =
  'project = demo-project\n metric.type="serviceruntime.googleapis.com/api/request_latencies" \n resource.type="api"  '
const COUNT = 'metric.type="serviceruntime.googleapis.com/api/request_count" resource.type="api"'
const of = (serviceLevelIndicator: Json): Json => sloJson({ serviceLevelIndicator })
const ratio = (goodTotalRatio: Json): Json => of({ requestBased: { goodTotalRatio } })
const cut = (distributionCut: Json): Json => of({ requestBased: { distributionCut } })
const windows = (windowsBased: Json): Json => of({ windowsBased: { windowPeriod: '60s', ...windowsBased } })
const basic = (basicSli: Json): Json => of({ basicSli })

/** The rules for each field in `service.proto`, and observed responses of the real API. */
const SERVICES: readonly CallCase[] = [
  {
    what: 'an ID and a name',
    call: `${CREATE}?serviceId=my-service`,
    body: {
      name: 'projects/demo-project/services/my-service',
      displayName: 'A service.',
      custom: {},
      telemetry: { resourceName: '//storage.googleapis.com/buckets/b' },
      userLabels: { test1: 'value1' },
    },
    answer: { name: 'projects/demo-project/services/my-service', custom: {}, 'userLabels.test1': 'value1' },
  },
  { what: 'an ID assigned by the server', call: CREATE, body: { custom: {} }, answer: { custom: {} } },
  {
    what: 'the project of a workload is set by the server',
    call: CREATE,
    body: { gkeWorkload: { projectId: 'mine', location: 'us', clusterName: 'c', namespaceName: 'n' } },
    answer: { 'gkeWorkload.projectId': 'demo-project', 'gkeWorkload.clusterName': 'c' },
  },
  {
    what: 'a basic service',
    call: CREATE,
    body: { basicService: { serviceType: 'APP_ENGINE', serviceLabels: { module_id: 'm' } } },
    answer: { 'basicService.serviceType': 'APP_ENGINE' },
  },
  ...refusedCalls([
    ['no identifier', CREATE, {}, /service\.identifier /],
    ['an ID in capitals', `${CREATE}?serviceId=MyService`, { custom: {} }, /service_id .*"MyService"/],
    ['an ID with a dot', `${CREATE}?serviceId=a.b`, { custom: {} }, /service_id /],
    ['a display name of 513 characters', CREATE, { custom: {}, displayName: 'x'.repeat(513) }, /display_name /],
    ['a label in capitals', CREATE, { custom: {}, userLabels: { K: '' } }, /user_labels key /],
  ]),
  {
    what: 'an ID that already exists',
    call: `${CREATE}?serviceId=mesh`,
    body: { custom: {} },
    refused: ['ALREADY_EXISTS', /services\/mesh/],
  },
  {
    what: 'a missing service',
    call: 'GET projects/demo-project/services/none',
    refused: ['NOT_FOUND', /^There is no service with id 'none' in project 'demo-project'$/],
  },
  ...(
    [
      ['identifier_case = "MESH_ISTIO"', 'mesh'],
      ['identifier_case = "CUSTOM"', 'shop'],
      ['mesh_istio.mesh_uid = "123"', 'mesh'],
      ['identifier_case != "CUSTOM" AND mesh_istio.service_name = "s"', 'mesh'],
    ] as const
  ).map(
    ([filter, id]): CallCase => ({
      what: `a list of ${filter}`,
      call: `GET projects/demo-project/services?filter=${encodeURIComponent(filter)}`,
      answer: { 'services.0.name': `projects/demo-project/services/${id}`, 'services.1': undefined },
    }),
  ),
  {
    what: 'a list of a workspace',
    call: 'GET workspaces/demo-project/services?pageSize=1',
    answer: { 'services.0.displayName': 'Mesh' },
  },
  {
    what: 'a negative page size is rejected',
    call: 'GET projects/demo-project/services?pageSize=-1',
    refused: ['INVALID_ARGUMENT', /page_size .*negative/],
  },
  {
    what: 'an update with a mask',
    call: 'PATCH {service}?updateMask=displayName,telemetry.resourceName,userLabels',
    body: { custom: {}, displayName: 'new', telemetry: { resourceName: '//x' }, userLabels: { a: 'b' } },
    answer: { displayName: 'new', telemetry: { resourceName: '//x' }, userLabels: { a: 'b' }, custom: {} },
  },
  {
    what: 'an unknown path is rejected',
    call: 'PATCH {service}?updateMask=colour',
    body: {},
    refused: ['INVALID_ARGUMENT', /update_mask .*Service has no field "colour"/],
  },
  { what: 'a service is deleted with its objectives', call: 'DELETE {service}', answer: {} },
]

const OBJECTIVES: readonly CallCase[] = [
  {
    what: 'an ID and a full name',
    call: `${CREATE_SLO}?serviceLevelObjectiveId=my-slo`,
    body: {
      ...cut({ distributionFilter: LATENCIES, range: { min: 50, max: 100 } }),
      name: '{service}/serviceLevelObjectives/my-slo',
    },
    answer: {
      name: '{service}/serviceLevelObjectives/my-slo',
      serviceLevelIndicator: {
        requestBased: { distributionCut: { distributionFilter: LATENCIES, range: { min: 50, max: 100 } } },
      },
    },
  },
  ...(
    [
      ['a goal of 0.9999', sloJson({ goal: 0.9999 })],
      ['30 days', sloJson({ rollingPeriod: '2592000s' })],
      ['a calendar period', sloJson({ rollingPeriod: undefined, calendarPeriod: 'FORTNIGHT' })],
      ['good and bad, by one filter', ratio({ goodServiceFilter: COUNT, badServiceFilter: COUNT })],
      ['bad and total', ratio({ badServiceFilter: COUNT, totalServiceFilter: COUNT })],
      ['a range without an end', cut({ distributionFilter: LATENCIES, range: { min: 5, max: 'Infinity' } })],
      ['windows of a day', windows({ windowPeriod: '86400s', goodBadMetricFilter: COUNT })],
      ['a mean of a metric that counts', windows({ metricMeanInRange: { timeSeries: COUNT, range: { max: 100 } } })],
      ['a sum in range', windows({ metricSumInRange: { timeSeries: COUNT, range: { min: 1, max: 100 } } })],
      [
        'a ratio in windows',
        windows({
          goodTotalRatioThreshold: {
            threshold: 0.9,
            performance: { distributionCut: { distributionFilter: LATENCIES, range: { max: 1 } } },
          },
        }),
      ],
      ['a basic indicator', basic({ availability: {}, location: ['us'] })],
      [
        'a basic indicator in windows',
        windows({ goodTotalRatioThreshold: { threshold: 0.9, basicSliPerformance: { latency: { threshold: '1s' } } } }),
      ],
    ] as [string, Json][]
  ).map(
    ([what, body]): CallCase => ({
      what: `accepts ${what}`,
      call: CREATE_SLO,
      body,
      answer: { displayName: 'most succeed' },
    }),
  ),
  ...refusedBodies(CREATE_SLO, [
    ['a goal of 0', sloJson({ goal: 0 }), /\.goal .*"0"/],
    ['a goal of 1', sloJson({ goal: 1 }), /\.goal .*"1"/],
    ['no period', sloJson({ rollingPeriod: undefined }), /\.period .*required/],
    ['31 days', sloJson({ rollingPeriod: '2678400s' }), /rolling_period .*1 to 30/],
    ['half a day', sloJson({ rollingPeriod: '43200s' }), /rolling_period /],
    [
      'a quarter',
      sloJson({ rollingPeriod: undefined, calendarPeriod: 'QUARTER' }),
      /calendar_period .*DAY, WEEK, FORTNIGHT and MONTH/,
    ],
    ['no indicator', sloJson({ serviceLevelIndicator: undefined }), /service_level_indicator /],
    ['an empty indicator', of({}), /service_level_indicator .*basic_sli, request_based and windows_based/],
    ['one filter', ratio({ goodServiceFilter: COUNT }), /good_total_ratio .*Exactly two/],
    [
      'three filters',
      ratio({ goodServiceFilter: COUNT, badServiceFilter: COUNT, totalServiceFilter: COUNT }),
      /Exactly two/,
    ],
    [
      'a filter without a metric',
      ratio({ goodServiceFilter: 'resource.type="api"', totalServiceFilter: COUNT }),
      /good_service_filter .*"metric\.type"/,
    ],
    [
      'an invalid filter',
      ratio({ goodServiceFilter: '(', totalServiceFilter: COUNT }),
      /good_service_filter .*position/,
    ],
    ['a cut without a range', cut({ distributionFilter: LATENCIES }), /distribution_cut\.range /],
    [
      'a range with min above max',
      cut({ distributionFilter: LATENCIES, range: { min: 2, max: 1 } }),
      /distribution_cut\.range .*"2 to 1"/,
    ],
    ['windows of 30 s', windows({ windowPeriod: '30s', goodBadMetricFilter: COUNT }), /window_period /],
    ['windows of 7 minutes', windows({ windowPeriod: '420s', goodBadMetricFilter: COUNT }), /window_period .*"420s"/],
    ['windows without a criterion', windows({}), /windows_based .*good_bad_metric_filter/],
    ['a basic indicator of nothing', basic({}), /basic_sli .*availability or latency/],
    ['a latency of nothing', basic({ latency: {} }), /basic_sli\.latency\.threshold /],
    [
      'the name of another service',
      sloJson({ name: 'projects/demo-project/services/other/serviceLevelObjectives/x' }),
      /\.name /,
    ],
  ]),
  {
    what: 'an ID with a space is rejected',
    call: `${CREATE_SLO}?serviceLevelObjectiveId=a%20b`,
    body: sloJson(),
    refused: ['INVALID_ARGUMENT', /service_level_objective_id /],
  },
  {
    what: 'fields deep within the indicator',
    call: 'PATCH {slo}?updateMask=goal,serviceLevelIndicator.requestBased.distributionCut.range.max,serviceLevelIndicator.requestBased.distributionCut.range.min',
    body: {
      goal: 0.8,
      serviceLevelIndicator: {
        requestBased: { distributionCut: { distributionFilter: COUNT, range: { min: 20, max: 80 } } },
      },
    },
    answer: {
      goal: 0.8,
      serviceLevelIndicator: {
        requestBased: { distributionCut: { distributionFilter: LATENCIES, range: { min: 20, max: 80 } } },
      },
    },
  },
  {
    what: 'one period replaces the other',
    call: 'PATCH {slo}?updateMask=calendarPeriod',
    body: { calendarPeriod: 'WEEK' },
    answer: { calendarPeriod: 'WEEK', rollingPeriod: undefined },
  },
  {
    what: 'an indicator as it was defined',
    call: 'GET {basic}?view=FULL',
    answer: { 'serviceLevelIndicator.basicSli': { availability: {} } },
  },
  { what: 'the explicit view of a request-based indicator', call: 'GET {slo}?view=EXPLICIT', answer: { goal: 0.9 } },
  {
    what: 'the explicit view of a basic indicator is not implemented',
    call: 'GET {basic}?view=EXPLICIT',
    refused: ['UNIMPLEMENTED', /^The EXPLICIT view of a basic SLI is not implemented/],
  },
  {
    what: 'nor is an explicit list',
    call: 'GET {service}/serviceLevelObjectives?view=EXPLICIT',
    refused: ['UNIMPLEMENTED', /^The EXPLICIT view/],
  },
  {
    what: 'a negative page size is rejected',
    call: 'GET {service}/serviceLevelObjectives?pageSize=-1',
    refused: ['INVALID_ARGUMENT', /page_size /],
  },
  {
    what: 'a missing objective',
    call: 'GET {service}/serviceLevelObjectives/none',
    refused: ['NOT_FOUND', /^There is no slo with id "none" under service "shop" in project "demo-project"$/],
  },
  {
    what: 'objectives of a missing service',
    call: 'GET projects/demo-project/services/none/serviceLevelObjectives',
    refused: ['NOT_FOUND', /^There is no service with id 'none'/],
  },
]

testCalls('services', SERVICES, async (emulator) => {
  await created(emulator, 'services?serviceId=mesh', {
    displayName: 'Mesh',
    meshIstio: { meshUid: '123', serviceName: 's' },
  })
  return { service: await created(emulator, 'services?serviceId=shop', { custom: {} }) }
})
testCalls('objectives', OBJECTIVES, async (emulator) => {
  const service = await created(emulator, 'services?serviceId=shop', { custom: {} })
  const create = (body: Json): Promise<string> => created(emulator, 'services/shop/serviceLevelObjectives', body)
  return {
    service,
    slo: await create(cut({ distributionFilter: LATENCIES, range: { min: 50, max: 100 } })),
    basic: await create(basic({ availability: {} })),
  }
})
