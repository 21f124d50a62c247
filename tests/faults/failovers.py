"""Faults of a Redis with a replica and three sentinels: the master is killed, or steps down."""

import signal
import time
from random import Random

from redis.exceptions import ResponseError

from tests.faults.fault_injection import Overcome, consuming
from tests.faults.running_system import RunningSystem
from tests.integration.redis_servers import Group, Server

#: Seconds that the replica of `kill_master_ahead` is behind.
BEHIND = 2.5


def kill_master(system: RunningSystem, _: Random) -> Overcome:
    """Kill -9 the master; the sentinels make its replica the master, and it comes back as that one's replica."""
    master = _group(system).master()
    master.kill()
    return _promoted(system, master)


def kill_master_ahead(system: RunningSystem, _: Random) -> Overcome:
    """Kill -9 the master BEHIND seconds after its replica got the last of it."""
    group = _group(system)
    master = group.master()
    replica = next(one for one in group.servers if one is not master)
    # What is on its way to a process that is stopped, it would read later. So its connection is cut, too.
    replica.send(signal.SIGSTOP)
    with master.client as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "replica")
    time.sleep(BEHIND)
    master.kill()
    replica.send(signal.SIGCONT)
    return _promoted(system, master)


def fail_over(system: RunningSystem, _: Random) -> Overcome:
    """Let the sentinels make the replica the master, as for an upgrade; the old master goes on until it is told."""
    group = _group(system)
    master = group.master()
    # The one before has to be over: the other server follows, and every sentinel knows.
    system.wait_until(lambda: all(one is master or _is_replica(one) for one in group.servers))
    system.wait_until(lambda: _asked(group))
    return _promoted(system, master)


def _asked(group: Group) -> bool:
    with group.sentinels[0].client as client:
        try:
            client.execute_command("SENTINEL", "FAILOVER", group.name)
        except ResponseError:  # another one is going on, or no replica is fit yet
            return False
    return True


def _promoted(system: RunningSystem, old: Server) -> Overcome:
    """Wait until the sentinels name another master; return how to see that workers consume. The old one comes back."""
    group = _group(system)
    if not system.wait_until(lambda: group.master() is not old and bool(system.state.redis.ping())):
        system.problems.append("the sentinels named no other master")
    if old.process and old.process.poll() is not None:
        old.start()
    return consuming(system)


def _is_replica(server: Server) -> bool:
    with server.client as client:
        found = client.info("replication")
        return bool(found["role"] == "slave" and found["master_link_status"] == "up")


def _group(system: RunningSystem) -> Group:
    assert system.group
    return system.group
