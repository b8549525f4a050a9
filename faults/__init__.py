"""Faults, injected for real: processes that are killed, servers that are restarted, answers that are lost.

`make faults` runs them on servers of their own (PostgreSQL, Redis, RabbitMQ on loopback, started and stopped here) and
prints one line per fault. The laws that are checked after each are in judge.py.
"""
