"""What a page declares as its language, as evidence between near relatives.

Themes declare English by default, and translated sites the language of their frame. So a declaration decides only between
languages of one group below, and in a short text between those that the detectors name.
"""

#: Languages that are taken for each other, a group a line; the detectors know some of each.
_GROUPS = tuple(
    frozenset(line.split())
    for line in """
hr sr bs
id ms min bjn ban jv su mad ace bew
no da sv fo
cs sk pl szl csb hsb dsb
bg mk
ru uk be rue
es gl pt ca oc ast an ext lad mwl
it vec lij co scn lmo pms nap fur sc rm eml rgn lld
fr oc wa pcd frp nrf
de lb bar gsw nds ksh pfl stq frr
nl af fy li nds vls zea
en sco jam kri pcm tpi bi pis
hi ne mr sa bho mag mai awa hne doi gom kok raj ks
ur pa pnb skr lah sd ks
fa tg ps ku azb glk mzn lrc bal
tr az tk uz crh gag
kk ky tt ba kaa nog kum krc
fi et se krl olo fkv vep izh
lv ltg lt sgs
rw rn
zu xh ss nr
st nso tn
ln kg ktu
""".strip().splitlines()
)
_CODES = {
    **dict.fromkeys(("nb", "nn"), "no"),
    **dict.fromkeys(("cnr", "me"), "sr"),
    **dict.fromkeys(("sh", "und"), ""),
    "als": "gsw",
    "fil": "tl",
    "frs": "nds",
    "in": "id",
    "iw": "he",
    "mo": "ro",
}


def declared_code(declared: str | None) -> str:
    """Return the language of a declaration as the detectors' code, `de` for `de-AT`; empty for none."""
    code = (declared or "").lower().replace("_", "-").split("-")[0]
    return _CODES.get(code, code)


def are_relatives(one: str, other: str) -> bool:
    """Return whether two languages are taken for each other."""
    return any(one in group and other in group for group in _GROUPS)
