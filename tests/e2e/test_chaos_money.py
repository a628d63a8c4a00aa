"""A charge that goes wrong in a real process: one charge at Stripe, one payment in the books."""

import os
import random

from bench import chaos

# Always these, and one more that the seed draws; all of them: `./fusion bench chaos`.
ALWAYS = ("webhook before the commit", "forged webhooks")


def test_an_invoice_is_charged_once_and_booked_once_whatever_happens() -> None:
    seed = int(os.environ.get("CHAOS_SEED", 0)) or random.SystemRandom().randrange(1, 10**6)
    print(f"CHAOS_SEED={seed}")
    done = chaos.run(len(ALWAYS) + 1, seed, ALWAYS)
    assert len(done) == len(ALWAYS) + 1
    for name, found, expected in done:
        assert found == expected, name
