// client.activations: list, get, logs, result.

'use strict'

const { GONE, HELLO, activation, assert, client, python, refused, test } = require('./common')

const PRINTS = 'import sys\n\ndef main(args):\n    print("out")\n    print("err", file=sys.stderr)\n    return {"n": args.get("n")}\n'

test('get, logs and result', async () => {
  await client.actions.create({ name: 'prints', ...python(PRINTS) })
  const { activationId: id } = await client.actions.invoke({ name: 'prints', params: { n: 1 }, blocking: true })
  const record = await activation(id)
  assert.deepEqual([record.activationId, record.name, record.response.result], [id, 'prints', { n: 1 }])
  assert.ok(record.start <= record.end && record.duration === record.end - record.start, JSON.stringify(record))
  for (const option of [{ name: id }, { activation: id }, { activationId: id, namespace: 'guest' }]) {
    assert.equal((await client.activations.get({ ...option })).activationId, id)
  }
  const { logs } = await client.activations.logs(id)
  assert.deepEqual(logs.map(line => line.slice(31)), ['stdout: out', 'stderr: err'])
  assert.ok(logs.every(line => !Number.isNaN(Date.parse(line.slice(0, 30).trim()))), logs.join())
  const result = await client.activations.result({ activation: id })
  assert.deepEqual([result.result, result.success, result.status], [{ n: 1 }, true, 'success'])
  for (const call of ['get', 'logs', 'result']) {
    await refused(() => client.activations[call]('0'.repeat(32)), 404, GONE)
    await refused(() => client.activations[call]('abc'), 400, 'Activation id length is 3 but must be 32.')
  }
})

test('list', async () => {
  await client.actions.create({ name: 'hello', ...python(HELLO) })
  const before = await client.activations.list()
  const ran = []
  for (let n = 0; n < 3; n++) {
    const record = await client.actions.invoke({ name: 'hello', blocking: true })
    ran.unshift(await activation(record.activationId))
  }
  const ids = list => list.map(item => item.activationId)
  const listed = await client.activations.list({ name: 'hello' })
  assert.deepEqual(ids(listed).sort(), ids(ran).sort())
  assert.ok(listed.every(item => item.statusCode === 0 && item.response === undefined && item.logs === undefined))
  const whole = await client.activations.list({ name: 'hello', docs: true })
  assert.deepEqual(whole.map(item => item.response.result), ran.map(() => ({ hello: 'you' })))
  assert.deepEqual(await client.activations.list({ count: true }), { activations: before.length + 3 })
  assert.equal((await client.activations.list({ limit: 2 })).length, 2)
  assert.equal((await client.activations.list({ skip: 1 })).length, before.length + 2)
  const last = ran[0].start
  assert.ok((await client.activations.list({ since: last })).every(item => item.start >= last))
  assert.ok((await client.activations.list({ upto: last })).every(item => item.start <= last))
  assert.deepEqual(await client.activations.list({ since: last + 60000 }), [])
  await refused(() => client.activations.list({ docs: true, count: true }), 400, "The parameter 'docs' is not permitted with 'count'.")
  const epoch = "The query parameter 'since' was malformed:\nParameter is not a valid value for epoch seconds: then"
  await refused(() => client.activations.list({ since: 'then' }), 400, epoch)
})
