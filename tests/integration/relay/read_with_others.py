"""Reads a topic with confluent-kafka and the CloudEvents SDK, nothing of ours:   read_with_others.py BROKER TOPIC COUNT

One line of JSON for each event, in the order of their ids.
"""
import json
import sys

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

WAIT_AT_MOST = 60


def read(broker, topic, count):
    consumer = Consumer({"bootstrap.servers": broker, "group.id": f"{topic}-others", "enable.auto.commit": False})
    partitions = consumer.list_topics(topic, timeout=WAIT_AT_MOST).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    while count > 0:
        message = consumer.poll(WAIT_AT_MOST)
        if message is None or message.error():
            sys.exit(f"no record came: {message and message.error()}")
        yield message
        count -= 1
    consumer.close()


def describe(message):
    record = KafkaMessage(headers=dict(message.headers()), key=message.key(), value=message.value())
    event = from_binary(record, JSONFormat())
    return {"id": event.get_id(), "source": event.get_source(), "type": event.get_type(),
            "key": event.get_extension("partitionkey"), "subject": event.get_subject(),
            "time": event.get_time().isoformat(), "content": event.get_datacontenttype(),
            "tenant": event.get_extension("tenant"), "data": event.get_data()}


records = read(sys.argv[1], sys.argv[2], int(sys.argv[3]))
for one in sorted(map(describe, records), key=lambda event: event["id"]):
    print(json.dumps(one, sort_keys=True))
