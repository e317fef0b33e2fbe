"""Tiny trees for tests/taste --self-test: one that is as it should be, and additions that each break one rule.

What must not stand in the tree is put together from pieces, so that tests/taste finds it in the samples only.
"""

GOOD = {
    "libs/core/README.md": "Words that all libraries speak.\n",
    "libs/core/clock.hpp": '#pragma once\n#include <chrono>\n#include "core/result.hpp"\n',
    "libs/core/result.hpp": "#pragma once\n// A common word in a comment is no name.\nusing T = std::common_type_t<int, long>;\n",
    "libs/http/README.md": "A server.\n",
    "libs/http/server.cpp": '#include "http/server.hpp"\n#include "core/clock.hpp"\nauto hint = "helper";\n',
    "libs/http/server.hpp": '#pragma once\n#include "telemetry/log.hpp"\n',
    "libs/kafka/README.md": "A producer.\n",
    "libs/kafka/producer.cpp": "#include <librdkafka/rdkafka.h>\n",
    "services/ingress/README.md": "Takes events in.\n",
    "services/ingress/main.cpp": '#include "ingress/wiring.hpp"\n#include "http/server.hpp"\n',
    "services/relay/README.md": "Moves events on.\n",
    "services/relay/main.cpp": "int main() {}\n",
    "services/tollgate/README.md": "All in one.\n",
    "services/tollgate/up.cpp": '#include "ingress/wiring.hpp"\n#include "services/relay/main.hpp"\n',
    "tests/support/wait.cpp": "void pause() { std::this_thread::sleep" "_for(step); }\n",
    "tests/unit/kafka/mock.cpp": "#include <librdkafka/rdkafka_mock.h>\n// The library loses it (its is" "sue 12).\n",
    "tests/unit/core/clock_test.cpp": '#include "consumer/inbox.hpp"\n',
}

BAD = [
    ("include-direction", {"libs/core/bad.cpp": '#include "telemetry/log.hpp"\n'}),
    ("include-direction", {"libs/http/bad.cpp": '#include "kafka/producer.hpp"\n'}),
    ("include-direction", {"libs/http/bad.hpp": '#pragma once\n#include "ingress/wiring.hpp"\n'}),
    ("include-direction", {"services/relay/bad.cpp": '#include "ingress/wiring.hpp"\n'}),
    ("include-direction", {"services/relay/bad.cpp": '#include "services/ingress/wiring.hpp"\n'}),
    ("technology", {"libs/http/bad.cpp": "#include <librdkafka/rdkafka.h>\n"}),
    ("technology", {"services/relay/bad.cpp": "#include <libpq-fe.h>\n"}),
    ("technology", {"tests/unit/core/bad.cpp": "#include <pqxx/pqxx>\n"}),
    ("known-library", {"libs/astrology/README.md": "Reads the stars.\n"}),
    ("file-length", {"libs/core/long.cpp": "int a;\n" * 301}),
    ("file-length", {"tests/long": "#!/bin/sh\n" + "true\n" * 300}),
    ("python-function-length", {"tests/long.py": "def work():\n" + "    call()\n" * 60}),
    ("names", {"libs/core/string_util.cpp": "int a;\n"}),
    ("names", {"libs/core/bad.cpp": "class PoolManager {};\n"}),
    ("names", {"libs/core/bad.hpp": "#pragma once\nnamespace common {}\n"}),
    ("names", {"libs/core/schema/001_bad.sql": "create function event_helper() returns int as 'select 1';\n"}),
    ("readme", {"libs/crypto/hmac.cpp": "int a;\n"}),
    ("readme", {"services/console/main.cpp": "int a;\n"}),
    ("pragma-once", {"libs/core/bad.hpp": "int a;\n"}),
    ("waiting", {"tests/unit/core/bad.cpp": "std::this_thread::sleep" "_for(1s);\n"}),
    ("waiting", {"deploy/bad": "#!/bin/sh\nslee" "p 1\n"}),
    ("unfinished", {"libs/core/bad.cpp": "// TO" "DO: later\n"}),
    ("registry", {"deploy/bad.txt": "https:" "//registry.example/x\n"}),
    ("origin", {"deploy/bad.md": "As asked for in is" "sue 12.\n"}),
]
