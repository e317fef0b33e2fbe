"""What the calling shell has set for Tollgate or Postgres is meant for something else: a URL of a database in
production, say, which the program would prefer to the file that we name. So what we start gets none of it."""
import os

OTHERS = ("TOLLGATE_", "PG")
# Meant for the scripts themselves.
OURS = ("TOLLGATE_LOCAL_", "TOLLGATE_TEST_")


def forget_settings():
    """For this process and all that it starts. The file in /etc is not read either."""
    for name in list(os.environ):
        if name.startswith(OTHERS) and not name.startswith(OURS):
            del os.environ[name]
    os.environ["TOLLGATE_CONFIG"] = os.devnull
