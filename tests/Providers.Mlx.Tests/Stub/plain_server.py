# A server without the bootstrap, as Command starts one: it does not watch its input, and outlives a killed host.
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__))))
from mlx_lm import server
sys.argv = ["plain", "--port", sys.argv[1], "--host", "127.0.0.1"]
server.main()
