// client.feeds: create, get, update, delete, which invoke the feed's action with what happens to the trigger.

'use strict'

const { GONE, assert, client, failed, key, python, refused, test } = require('./common')

test('feeds', async () => {
  await client.packages.create('alarms')
  await client.actions.create({ name: 'alarms/alarm', ...python('def main(args):\n    return args\n') })
  const events = { create: 'CREATE', get: 'READ', update: 'UPDATE', delete: 'DELETE' }
  for (const [call, event] of Object.entries(events)) {
    const record = await client.feeds[call]({ feedName: '/guest/alarms/alarm', trigger: 'tick', params: { cron: '* * * * *' } })
    const told = { lifecycleEvent: event, authKey: key, triggerName: '/_/tick', cron: '* * * * *' }
    assert.deepEqual(record.response.result, told)
  }
  await refused(() => client.feeds.create({ name: 'alarms/nope', trigger: 'tick' }), 404, GONE)
  await client.actions.update({ name: 'alarms/alarm', ...python('def main(args):\n    return {"error": "no such time"}\n') })
  const error = await failed(() => client.feeds.create({ name: 'alarms/alarm', trigger: '/_/tick' }), 502)
  assert.equal(error.error.response.result.error, 'no such time')
})
