// What all tests of the package share: a client of the daemon that tests/openwhisk_npm.rs started, and what errors are.

'use strict'

const assert = require('node:assert/strict')
const node = require('node:test')
const openwhisk = require('openwhisk')

const { OW_HOST: host, OW_KEY: key } = process.env
assert.ok(host && key, 'tests/openwhisk_npm.rs says where the daemon is, and the key')

const client = openwhisk({ apihost: host, api_key: key })

// A test that finds nothing there, whatever others have left.
function test (name, body) {
  node.test(name, async () => {
    for (const collection of ['rules', 'triggers', 'actions', 'packages']) {
      for (const item of await client[collection].list({ limit: 0 })) {
        await client[collection].delete(`/${item.namespace}/${item.name}`)
      }
    }
    await body()
  })
}

// Calls what must fail with an OpenWhiskError: its status, the platform's message, and the whole refusal as `error`.
async function refused (call, status, message) {
  const error = await failed(call, status)
  assert.equal(error.error.error, message)
  assert.equal(typeof error.error.code, 'string', 'the id of the request')
  assert.ok(error.message.endsWith(`--> "${message}"`), error.message)
  return error
}

// Calls what must fail with an OpenWhiskError of this status, whatever it says.
async function failed (call, status) {
  let result
  try {
    result = await call()
  } catch (error) {
    assert.equal(error.name, 'OpenWhiskError', error.stack)
    assert.equal(error.statusCode, status, error.message)
    assert.ok(error.message.includes(` Returned HTTP ${status} (`), error.message)
    return error
  }
  assert.fail(`no error: ${JSON.stringify(result)}`)
}

// Asks for a record until it is there: of what is not waited for, it comes after the answer.
async function activation (id) {
  const end = Date.now() + 60000
  for (;;) {
    try {
      return await client.activations.get(id)
    } catch (error) {
      if (error.statusCode !== 404 || Date.now() > end) throw error
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}

const valueOf = (pairs, key) => (pairs.find(pair => pair.key === key) || {}).value
const names = list => list.map(item => `${item.namespace}/${item.name}`).sort()

const HELLO = 'def main(args):\n    return {"hello": args.get("name", "you")}\n'
const GONE = 'The requested resource does not exist.'
const python = code => ({ kind: 'python:default', action: code })

module.exports = { GONE, HELLO, activation, assert, client, failed, host, key, names, openwhisk, python, refused, test, valueOf }
