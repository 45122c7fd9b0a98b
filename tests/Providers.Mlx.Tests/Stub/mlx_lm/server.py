# Behaves like mlx_lm.server 0.32.0 in what a supervisor can see: one generation thread that is no daemon, a threading
# HTTP/1.0 server, /health that always says ok, and a thread death that nothing notices. MLX_STUB names the failure to
# play; MLX_STUB_DIR is where it leaves its traces (starts, arguments).
import argparse, json, logging, os, queue, signal, socket, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULT, _, VALUE = os.environ.get("MLX_STUB", "").partition("=")
FOLDER = os.environ.get("MLX_STUB_DIR")
jobs = queue.Queue()
mute = threading.Event()


def trace(name, text):
    if FOLDER:
        with open(os.path.join(FOLDER, name), "a") as file:
            file.write(text + "\n")


def starts():
    with open(os.path.join(FOLDER, "starts")) as file:
        return len(file.readlines())


def forever():
    threading.Event().wait()


def generate():
    if FAULT == "model-missing":
        raise RuntimeError("404 Client Error. Repository Not Found for url: https://huggingface.co/api/models/acme/none")
    if FAULT == "load-fails":
        raise RuntimeError("[metal::malloc] Attempting to allocate 90000000000 bytes: out of memory")
    if FAULT == "load-hangs" or (FAULT == "load-hangs-first" and starts() <= int(VALUE)):
        forever()
    while True:
        prompt, tokens = jobs.get()
        if prompt == "die":
            raise RuntimeError("broadcast_shapes failed")
        if prompt == "stall":
            tokens.put("Os")
            mute.set()
        if mute.is_set():
            forever()
        if prompt == "crash":
            tokens.put("Os")
            tokens.put("CRASH")
            continue
        for word in ["Os", "lo."]:
            tokens.put(word)
        tokens.put(None)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def reply(self, status, kind):
        self.send_response(status)
        self.send_header("Content-type", kind)
        self.end_headers()

    def do_GET(self):
        if self.path == "/health":
            self.reply(200, "application/json")
            self.wfile.write(b'{"status": "ok"}')
        elif self.path.startswith("/v1/models"):
            self.reply(200, "application/json")
            self.wfile.write(json.dumps({"object": "list", "data": [{"id": "stub/model", "object": "model", "created": 1}]}).encode())
        else:
            self.reply(404, "application/json")
            self.wfile.write(b"Not Found")

    def do_POST(self):
        if "Content-Length" not in self.headers:
            self.reply(411, "application/json")
            self.wfile.write(b'{"error": "Content-Length header is required"}')
            return
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions":
            self.reply(404, "application/json")
            self.wfile.write(b"Not Found")
            return
        trace("models", body["model"])
        if FAULT == "answers":
            status, _, text = VALUE.partition(":")
            self.reply(int(status), "application/json")
            self.wfile.write(json.dumps({"error": text}).encode())
            return
        prompt = body["messages"][-1]["content"]
        if prompt == "drop":
            raise ValueError("temperature must be a non-negative float")
        logging.info("prompt of %d characters", len(prompt))
        if FAULT == "floods":
            for i in range(5000):
                print("out", i, "x" * 100)
                print("err", i, "y" * 100, file=sys.stderr)
        tokens = queue.Queue()
        jobs.put((prompt, tokens))
        word = tokens.get()
        self.reply(200, "text/event-stream")
        self.wfile.write(b": keepalive 1/1\n\n")
        while word is not None:
            if word == "CRASH":
                os.kill(os.getpid(), signal.SIGKILL)
            self.chunk({"role": "assistant", "content": word}, None)
            word = tokens.get()
        self.chunk({"role": "assistant"}, "stop")
        if (body.get("stream_options") or {}).get("include_usage"):
            self.send({"object": "chat.completion", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}})
        self.wfile.write(b"data: [DONE]\n\n")

    def chunk(self, delta, finish):
        self.send({"object": "chat.completion.chunk", "choices": [{"index": 0, "finish_reason": finish, "delta": delta}]})

    def send(self, data):
        data = {"id": "chatcmpl-1", "model": "default_model", "created": 1770091506, **data}
        self.wfile.write(f"data: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()


def main():
    parser = argparse.ArgumentParser()
    for name in ["--model", "--adapter-path", "--draft-model", "--num-draft-tokens", "--chat-template", "--chat-template-args",
                 "--decode-concurrency", "--allowed-origins", "--host"]:
        parser.add_argument(name)
    parser.add_argument("--port", type=int)
    parser.add_argument("--trust-remote-code", action="store_true")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s - %(levelname)s - %(message)s")
    if FOLDER:
        trace("starts", f"{os.getpid()} {args.port}")
        names = ["HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_ENDPOINT", "HF_TOKEN", "PYTHONUNBUFFERED"]
        trace("seen", json.dumps({"argv": sys.argv, "env": {n: os.environ[n] for n in names if n in os.environ}}))
    logging.info("token %s", os.environ.get("HF_TOKEN", ""))
    if FAULT == "ignores-signals":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if FAULT == "never-listens":
        forever()
    if FAULT == "exits":
        logging.error("it exits")
        os._exit(int(VALUE))
    if FAULT == "raises":
        raise RuntimeError(VALUE)
    if FAULT == "listens-late":
        time.sleep(float(VALUE))
    threading.Thread(target=generate, name="Thread-1 (_generate)").start()
    if FAULT == "port-clash" and starts() <= int(VALUE):
        raise OSError(98, "Address already in use")
    ThreadingHTTPServer((args.host, args.port), Handler).serve_forever()
