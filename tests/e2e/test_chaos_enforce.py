"""A job killed with SIGKILL while it suspends or resumes: one command, told once."""

import os
import random

from bench import chaos_enforce

SCENARIOS = 2  # all of them: `./fusion bench chaos_enforce`


def test_a_suspension_and_its_end_are_commanded_once_whoever_is_killed() -> None:
    seed = int(os.environ.get("CHAOS_SEED", 0)) or random.SystemRandom().randrange(1, 10**6)
    print(f"CHAOS_SEED={seed}")
    done = chaos_enforce.run(SCENARIOS, seed)
    assert len(done) == SCENARIOS
    for name, found, expected in done:
        assert found == expected, name
