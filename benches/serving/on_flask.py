"""authorize on Flask and gevent, as OpenWhisk's own proxy for actions runs them: `python3 on_flask.py PORT`."""

import sys

from authorize import main
from flask import Flask, jsonify, request
from gevent import socket
from gevent.pywsgi import WSGIServer

app = Flask(__name__)


@app.route("/", methods=["POST"])
def serve():
    return jsonify(main(request.get_json(force=True)))


listener = socket.socket()
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(128)
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
WSGIServer(listener, app, log=None).serve_forever()
