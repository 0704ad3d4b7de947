"""The guest's own packet filter: the engine's port from trusted sources, and nothing else from outside."""

from guest_files import make_folder, write_file
from programs import run
from settings import FOLDER

RULES_FILE = FOLDER / "firewall.nft"

# A source that is trusted no longer is cut off at once: the engine's port is decided before established connections are let through.
TEMPLATE = """\
table inet cloudnexus
delete table inet cloudnexus
table inet cloudnexus {{
  chain input {{
    type filter hook input priority filter; policy drop;
    iif lo accept
{accepts}
    tcp dport {port} drop
    ct state established,related accept
    icmp type echo-request accept
    icmpv6 type {{ echo-request, nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert }} accept
  }}
}}
"""


def rules(port, trusted_sources):
    accepts = []
    for family, mark in (("ip", "."), ("ip6", ":")):
        sources = [source for source in trusted_sources if mark in source]
        if sources:
            accepts.append(f"    {family} saddr {{ {', '.join(sources)} }} tcp dport {port} accept")
    return TEMPLATE.format(accepts="\n".join(accepts), port=port)


def allow(settings):
    """In force now, and from the next boot on before the network comes up."""
    make_folder(FOLDER)
    content = rules(settings.port, settings.trusted_sources)
    run(["nft", "--file", "-"], input=content, failure="firewall_failed")
    write_file(RULES_FILE, content)
