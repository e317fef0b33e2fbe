"""Where what an installation consists of lies, in its checkout."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "deploy/local"
LOCAL = ROOT / ".local"
LOGS = LOCAL / "log"
POSTGRES = LOCAL / "postgres"
KAFKA = LOCAL / "kafka/broker"
TOLLGATE = ROOT / "build/release/bin/tollgate"
SEAL_KEYS = LOCAL / "seal.keys"
TOKEN = LOCAL / "operator.token"
OPERATOR = LOCAL / "operator.env"
DEMO = LOCAL / "demo"
