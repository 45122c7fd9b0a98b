# Runs mlx_lm.server as a child that cannot outlive its parent and cannot linger as a zombie.
# Exit codes: 70 the generation thread died, 71 the server failed, 75 the parent went away.
import os, sys, threading, traceback

def leave(code):
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)

def watch_parent():  # stdin reaches its end when the parent closes it or dies, even by SIGKILL
    try:
        while os.read(0, 4096):
            pass
    finally:
        os._exit(75)

def thread_died(args):
    threading.__excepthook__(args)
    if not args.thread or not args.thread.daemon or "_generate" in args.thread.name:
        leave(70)

threading.excepthook = thread_died
threading.Thread(target=watch_parent, name="watch_parent", daemon=True).start()
try:
    sys.argv[0] = "mlx_lm.server"
    from mlx_lm.server import main
    main()
except SystemExit as end:  # argparse; a plain exit would wait for the generation thread
    leave(end.code if isinstance(end.code, int) else 1 if end.code else 0)
except BaseException:
    traceback.print_exc()
    leave(71)
leave(0)
