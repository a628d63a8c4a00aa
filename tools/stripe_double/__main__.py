"""`python -m tools.stripe_double --port 0`: prints its address, then serves until interrupted."""

import argparse
import contextlib
import threading

from .double import StripeDouble


def main() -> None:
    """Serve on 127.0.0.1 until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="stripe_double", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    with StripeDouble(port=parser.parse_args().port) as stripe:
        print(stripe.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
