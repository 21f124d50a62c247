"""A DNS server on loopback with set answers: short-lived ones, mixed ones, or another one each time."""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

#: Kinds of records that there are.
_KINDS = (dns.rdatatype.A, dns.rdatatype.AAAA)


class DnsServer(socketserver.ThreadingUDPServer):
    """`addresses` are by name, one list for each time it is asked for; the last one stays.

    `ttl` in seconds for all of them. A name without addresses does not exist; one in `silent` gets no answer.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, ttl: int = 60) -> None:
        super().__init__(("127.0.0.1", 0), _Question)
        self.ttl = ttl
        self.addresses: dict[str, list[Sequence[str]]] = {}
        self.silent: set[str] = set()
        self.asked: Counter[tuple[str, str]] = Counter()
        self.port: int = self.server_address[1]

    @contextmanager
    def running(self) -> Iterator["DnsServer"]:
        """Serve while the block runs."""
        with self:
            threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
            yield self
            self.shutdown()

    def reply(self, wire: bytes) -> bytes | None:
        """Return the answer to a query."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype
        self.asked[name, kind.name] += 1
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        turns = self.addresses.get(name)
        if turns is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
            return response.to_wire()
        found = turns[min(self.asked[name, kind.name], len(turns)) - 1]
        fitting = [one for one in found if (":" in one) == (kind == dns.rdatatype.AAAA)]
        if fitting and kind in _KINDS:
            response.answer.append(dns.rrset.from_text(question.name, self.ttl, "IN", kind.name, *fitting))
        return response.to_wire()


class _Question(socketserver.DatagramRequestHandler):
    server: DnsServer

    def handle(self) -> None:
        reply = self.server.reply(self.rfile.read())
        if reply is not None:
            self.wfile.write(reply)
