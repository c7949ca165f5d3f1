"""What goes wrong between three agents and their collector, and on their machines: each fault
strikes once, in an order and for as long as a seeded dice says, while agents send. Each is over
when the next one strikes; the wire is bad all the time."""

import contextlib
import os
import signal
import time

import agent_world
import netns_world
from ctl_world import check, equal

BAD = {"loss": 0.03, "double": 0.05, "delay": 0.01, "jitter": 0.03}
AWFUL = {"loss": 0.25, "double": 0.3, "delay": 0.02, "jitter": 0.25}
SOON = 60  # seconds within which an agent sends again


def cut(*rules):
    chain = "chain way { type filter hook forward priority 0; " + "; ".join(rules) + "; }"
    return f"table ip storm {{ {chain} }}"


class Storm:
    def __init__(self, lab, side, dice):
        self.lab, self.side, self.dice, self.told = lab, side, dice, []
        self.world, self.wire, self.collector = lab.world, lab.wire, side.collector

    def rage(self, faults=None):
        """All faults, by name, in the dice's order. After each an agent is killed, or stopped,
        comes back with more to send, and something is stored before the next one strikes."""
        self.wire.set(**BAD)
        faults = faults or [name for name in dir(self) if name.startswith("fault_")]
        for number, name in enumerate(self.dice.sample(faults, len(faults))):
            waiting, began = self.side.holding(), time.monotonic()
            with contextlib.ExitStack() as over:
                getattr(self, name)(over)
            agent = self.side.agents[number % len(self.side.agents)]
            agent.restart(self.dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
            still = self.side.waiting()
            agent_world.wait_for(lambda: self.side.waiting() < max(1, still), "something to arrive",
                                 4 * SOON)
            self.told.append((name[6:], waiting))
            print(f"  {time.monotonic() - began:5.1f} s  {name[6:]}: {waiting} old runs waited",
                  flush=True)
        self.wire.set()

    def must_have_struck(self):
        """Most of them while what was planted waited, all while something was sent; and of each
        kind of harm to packets there was some."""
        counts = self.wire.counts()
        print(f"  the wire: {counts}; answers lost: {self.side.twice()}", flush=True)
        check(sum(n > 0 for _, n in self.told) * 2 > len(self.told), "nothing waited:", self.told)
        check(min(counts.values()) > 0, counts)
        check(self.side.twice() > 0, "no answer was lost")

    def last(self, least=1.0, most=2.0):
        time.sleep(self.dice.uniform(least, most))

    # ---- The network

    def rules(self, over, *rules):
        self.world.nft("net", cut(*rules))
        over.callback(self.world.nft, "net", "delete table ip storm")

    def fault_all_is_cut(self, over):
        self.rules(over, "ip daddr 198.51.100.34 drop", "ip saddr 198.51.100.34 drop")
        self.last()

    def fault_the_way_there_is_cut(self, over):
        self.rules(over, "ip daddr 198.51.100.34 drop")
        self.last()

    def fault_the_way_back_is_cut(self, over):
        self.rules(over, "ip saddr 198.51.100.34 drop")
        self.last()

    def fault_connections_are_refused(self, over):
        self.rules(over, "ip daddr 198.51.100.34 tcp dport 9443 reject with tcp reset")
        self.last()

    def fault_one_server_is_cut_off(self, over):
        self.rules(over, f"ip saddr 203.0.113.{16 * self.dice.choice((1, 2, 3)) + 2} drop")
        self.last()

    def fault_every_fifth_packet_is_lost(self, over):
        self.rules(over, "ip daddr 198.51.100.32/28 numgen random mod 100 < 20 drop",
                   "ip saddr 198.51.100.32/28 numgen random mod 100 < 20 drop")
        self.last(2, 3)

    def fault_the_link_is_down(self, over):
        self.world.ip("stormy", "link", "set", "eth0", "down")

        def up():
            self.world.ip("stormy", "link", "set", "eth0", "up")
            self.lab.route()
        over.callback(up)
        self.last()

    def fault_the_link_is_slow(self, over):
        words = ["tc", "-n", self.world.full("net"), "qdisc"]
        netns_world.must(*words, "add", "dev", "wire0", "root", "tbf", "rate", "64kbit", "burst",
                        "3000", "latency", "400ms")
        over.callback(netns_world.must, *words, "del", "dev", "wire0", "root")
        self.last(2, 3)

    def fault_the_wire_is_awful(self, over):
        self.wire.set(**AWFUL)
        over.callback(self.wire.set, **BAD)
        self.last(3, 4)

    # ---- Processes

    def stopped(self, over, pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)

        def go_on():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        over.callback(go_on)

    def an_uplink(self):
        """The pid of one that is sending."""
        def find():
            return [pid for agent in self.side.agents for pid in agent.uplinks()]
        return self.dice.choice(agent_world.wait_for(find, "somebody to send", SOON))

    def kill(self, pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def fault_the_collector_stands_still(self, over):
        self.stopped(over, self.collector.process.pid)
        self.last()

    def fault_a_keeper_stands_still(self, over):
        self.stopped(over, self.dice.choice(self.side.agents).process.pid)
        self.last()

    def fault_an_uplink_stands_still(self, over):
        self.stopped(over, self.an_uplink())
        self.last()

    def fault_uplinks_are_killed(self, _over):
        for _ in range(4):
            self.kill(self.an_uplink())
            self.last(0, 0.3)

    def fault_a_probe_is_killed(self, _over):
        agent = self.dice.choice(self.side.agents)
        self.kill(agent_world.wait_for(lambda: agent.children().get("fairuse-probe"), "a probe"))
        self.last()

    def fault_a_look_is_killed(self, _over):
        agent = self.dice.choice(self.side.agents)
        self.kill(agent_world.wait_for(lambda: agent.children().get("fairuse-look"), "a look",
                                       SOON))
        self.last()

    def fault_the_collector_is_killed(self, _over):
        for _ in range(2):
            self.an_uplink()
            self.last(0, 0.2)
            equal(self.collector.end(signal.SIGKILL), -signal.SIGKILL)
            self.collector.start()

    def fault_the_collector_is_restarted(self, _over):
        self.an_uplink()
        equal(self.collector.end(), 0)
        self.last(0, 1)
        self.collector.start()

    def fault_an_answer_is_lost(self, over):
        """A report of an old run is stored, its answer does not arrive, and the one who waits for
        it dies, or its agent."""
        over.callback(self.wire.set, **BAD)
        self.lose_answer()
        for pid in self.loser.uplinks() if self.dice.random() < 0.5 else []:
            self.kill(pid)
        self.loser.restart()

    def lose_answer(self):
        """The way is slow, so that there is time to find a report that is under way."""
        until = time.monotonic() + 4 * SOON
        while time.monotonic() < until:
            if self.side.holding() == 0:
                next(agent for agent in self.side.agents if agent.to_come).restart()
            self.wire.set(delay=0.1)
            boot = agent_world.wait_for(self.under_way, "a report under way", 4 * SOON)
            self.wire.set(delay=0.1, mute=1)
            time.sleep(1)  # what was under way has arrived
            if boot == self.under_way() and self.side.is_stored(boot):
                return
        check(False, "no answer could be lost")

    def under_way(self):
        for agent in self.side.agents:
            boot = agent.leaving()
            if boot:
                self.loser = agent
                return boot
        return None

    # ---- Disks

    def fault_the_collectors_disk_is_full(self, over):
        filler = self.collector.disk / "filler"
        fill(filler)
        over.callback(filler.unlink)
        before = self.collector.log().count("store-failing")
        agent_world.wait_for(lambda: self.collector.log().count("store-failing") > before,
                             "the collector to find out", SOON)
        self.last()

    def fault_an_agents_disk_is_full(self, over):
        """It has set room aside for a while, and may not even notice."""
        filler = self.side.agents[0].state / "filler"
        fill(filler)
        over.callback(filler.unlink)
        self.last(3, 4)


def fill(path):
    """A file as large as the disk takes."""
    with open(path, "wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(b"x" * 4096) == 4096:
            pass
    check(path.stat().st_size > 0, "nothing fits on the disk before it is filled")
