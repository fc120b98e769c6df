import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { type CallCase, created, refusedBodies, refusedCalls, testCalls } from '../../../test/testing/call-cases.ts'

type Json = Record<string, unknown>

const CREATE = 'POST projects/demo-project/notificationChannels'
const email = (changes: Json = {}): Json => ({ type: 'email', labels: { email_address: 'a@example.com' }, ...changes })
const of = (type: string, labels: Json): Json => ({ type, labels })

/** The rules for each field in `notification.proto`, and observed responses of the real API. */
const FIELDS: readonly CallCase[] = [
  {
    what: 'a new channel has a creation record and a mutation record without names',
    call: CREATE,
    body: email({ displayName: 'x'.repeat(512), description: 'é'.repeat(1024) }),
    answer: {
      enabled: true,
      verificationStatus: undefined,
      creationRecord: { mutateTime: '2026-01-02T03:04:00Z' },
      mutationRecords: [{ mutateTime: '2026-01-02T03:04:00Z' }],
    },
  },
  {
    what: 'a password of HTTP basic authentication is returned',
    call: CREATE,
    body: of('webhook_basicauth', { url: 'http://hooks.example.com/', username: 'admin', password: 'password\n' }),
    answer: { labels: { url: 'http://hooks.example.com/', username: 'admin', password: 'password\n' } },
  },
  {
    what: 'only the end of a token is returned',
    call: CREATE,
    body: of('slack', { channel_name: '#a', auth_token: 'xoxb-1234567' }),
    answer: { 'labels.auth_token': '********4567' },
  },
  {
    what: 'a channel that needs verification is initially unverified',
    call: CREATE,
    body: of('sms', { number: '+1 555 0100' }),
    answer: { verificationStatus: 'UNVERIFIED' },
  },
  {
    what: 'records in the request are ignored',
    call: CREATE,
    body: email({ creationRecord: { mutatedBy: 'me' }, mutationRecords: [{ mutatedBy: 'me' }, { mutatedBy: 'you' }] }),
    answer: { 'creationRecord.mutatedBy': undefined, mutationRecords: [{ mutateTime: '2026-01-02T03:04:00Z' }] },
  },
  { what: 'a channel may be disabled', call: CREATE, body: email({ enabled: false }), answer: { enabled: false } },
  ...refusedBodies(CREATE, [
    ['a name', email({ name: 'x' }), /notification_channel\.name /],
    ['a display name of 513 characters', email({ displayName: 'x'.repeat(513) }), /display_name .* 512/],
    ['a description of 1,025 characters', email({ description: 'x'.repeat(1025) }), /description .* 1024/],
    ['a verification', email({ verificationStatus: 'VERIFIED' }), /verification_status .*VerifyNotificationChannel/],
    ['no type', { labels: {} }, /notification_channel\.type /],
    ['an unknown type', of('hipchat', {}), /type .*"hipchat": Known types are/],
    ['no address', of('email', {}), /labels\["email_address"\] /],
    ['an invalid address', of('email', { email_address: 'me' }), /labels\["email_address"\] .*an email address/],
    [
      'a label of another type',
      email({ labels: { email_address: 'a@b.c', url: 'x' } }),
      /labels\["url"\] .*no such label/,
    ],
    ['an invalid topic', of('pubsub', { topic: 'alerts' }), /labels\["topic"\] .*projects\/PROJECT\/topics\/TOPIC/],
    ['an invalid space', of('google_chat', { space: 'x' }), /labels\["space"\] /],
    ['an invalid number', of('sms', { number: 'x' }), /labels\["number"\] /],
    ['no password', of('webhook_basicauth', { url: 'http://a/', username: 'b' }), /labels\["password"\] /],
    [
      'an address that is not a URL',
      of('webhook_tokenauth', { url: 'hooks.example.com' }),
      /labels\["url"\] .*http or https/,
    ],
    [
      'a label of 4,097 characters',
      of('pagerduty', { service_key: 'x'.repeat(4097) }),
      /labels\["service_key"\] .* 4096/,
    ],
    ['user labels in capitals', email({ userLabels: { K: 'v' } }), /user_labels key /],
  ]),
]

const CALLS: readonly CallCase[] = [
  {
    what: 'an update with a mask',
    call: 'PATCH {channel}?updateMask=user_label.team,description',
    body: { userLabels: { team: 'b' }, description: 'd', displayName: 'ignored' },
    answer: { userLabels: { team: 'b' }, description: 'd', displayName: 'phone' },
  },
  {
    what: 'an update without a mask',
    call: 'PATCH {channel}',
    body: of('sms', { number: '+1 555 0100' }),
    answer: { displayName: undefined, verificationStatus: 'UNVERIFIED', enabled: true },
  },
  {
    what: 'an unchanged type in the mask',
    call: 'PATCH {channel}?updateMask=labels,type',
    body: of('sms', { number: '+1 555 0101' }),
    answer: { type: 'sms', 'labels.number': '+1 555 0101' },
  },
  ...refusedCalls([
    ['another type', 'PATCH {channel}?updateMask=type', email(), /type .*cannot be changed/],
    [
      'a verification in the mask',
      'PATCH {channel}?updateMask=verificationStatus',
      {},
      /update_mask .*verification_status/,
    ],
    [
      'a verification in the channel',
      'PATCH {channel}',
      { ...of('sms', { number: '1234' }), verificationStatus: 'VERIFIED' },
      /verification_status /,
    ],
    ['the name in the mask', 'PATCH {channel}?updateMask=name', {}, /update_mask .*name of a channel/],
    ['an unknown path', 'PATCH {channel}?updateMask=colour', {}, /update_mask .*no field "colour"/],
    ['a code that was not sent', 'POST {channel}:verify', { code: 'G-1' }, /code .*"G-1"/],
    ['no code', 'POST {channel}:verify', {}, /code /],
  ]),
  {
    what: 'there is no code for an unverified channel',
    call: 'POST {channel}:getVerificationCode',
    body: {},
    refused: ['FAILED_PRECONDITION', /is not verified/],
  },
  {
    what: 'a code for a channel that needs none is not sent',
    call: 'POST {email}:sendVerificationCode',
    body: {},
    refused: ['FAILED_PRECONDITION', /"email" need no verification/],
  },
  {
    what: 'a channel that is used by a policy can’t be deleted',
    call: 'DELETE {email}',
    refused: ['FAILED_PRECONDITION', /used by 1 alert policy, such as projects\/demo-project\/alertPolicies\//],
  },
  { what: 'it is deleted with force', call: 'DELETE {email}?force=true', answer: {} },
  { what: 'a channel that is not used by a policy is deleted', call: 'DELETE {channel}?force=false', answer: {} },
  {
    what: 'a list by a label of the channel',
    call: 'GET projects/demo-project/notificationChannels?filter=labels.email_address%3D%22a%40example.com%22',
    answer: { totalSize: 1, 'notificationChannels.0.name': '{email}' },
  },
  {
    what: 'a descriptor',
    call: 'GET projects/demo-project/notificationChannelDescriptors/pubsub',
    answer: { type: 'pubsub', displayName: 'Cloud Pub/Sub', launchStage: 'GA', 'labels.0.key': 'topic' },
  },
  {
    what: 'for a page size that is not positive the server chooses one',
    call: 'GET projects/demo-project/notificationChannelDescriptors?pageSize=-3',
    answer: { nextPageToken: undefined, 'channelDescriptors.0.type': 'email' },
  },
]

testCalls('fields of a notification channel', FIELDS)
testCalls('calls about notification channels', CALLS, async (emulator) => {
  const mail = await created(emulator, 'notificationChannels', email())
  await created(emulator, 'alertPolicies', policyJson({ notificationChannels: [mail] }))
  const phone = { type: 'sms', displayName: 'phone', labels: { number: '+1 555 0100' } }
  return { email: mail, channel: await created(emulator, 'notificationChannels', phone) }
})
