"""Checks a chronos-proof/1 and shares no code with Chronos: written from docs/proof-format.md, in Python's standard library.

    python3 independent-checker.py DIGEST PROOF [--rpc URL]...

Prints `ok` or the code of what is wrong, and exits with 0 only for `ok`. Without --rpc no chain is asked, and `ok` means "true if the
anchors hold". Each URL is an Ethereum JSON-RPC endpoint of the chain that the proof names; all of them must agree.
"""
import argparse, hashlib, json, re, sys, urllib.request
from datetime import datetime, timezone

ORDER = ["malformed_proof", "unsupported_format", "digest_mismatch", "path_mismatch", "log_mismatch", "pending",
         "anchor_not_found", "anchor_mismatch", "not_final", "chain_unreachable"]
TOPIC = "0x5c88edbb750cf126ecd9bd52fe85b66c964716e388eca2e85a083b03bc1c11cd"  # Anchored(uint64,bytes32,uint64,bytes32)

class Refused(Exception):
    code = property(lambda self: self.args[0])
def require(condition, code, why):
    if not condition:
        raise Refused(code, why)

# The shape of a proof: a dictionary names the keys that must be there (others are ignored), a function tells whether a value fits.
def text(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII | re.DOTALL) is not None

def count(value):
    return type(value) in (int, float) and 0 <= value < 2**53 and value == int(value)

def time(value):
    try:
        return text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")(value) and bool(datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ"))
    except ValueError:
        return False

def list_of(shape, most):
    return lambda value: isinstance(value, list) and len(value) <= most and all(fits(item, shape) for item in value)

def fits(value, shape):
    if callable(shape):
        return shape(value)
    return isinstance(value, dict) and all(key in value and fits(value[key], inner) for key, inner in shape.items())

def anchor_shape(chain, contract, hash):
    return {"chain": text(chain), "contract": text(contract), "transaction": text(hash),
            "block": {"number": count, "hash": text(hash), "time": time}}

HASH, HEX16 = text("[0-9a-f]{64}"), text("[0-9a-f]{32}")
KINDS = {
    "zilliqa-evm": anchor_shape("eip155:[1-9][0-9]{0,15}", "0x[0-9a-fA-F]{40}", "0x[0-9a-fA-F]{64}"),
    "zilliqa-scilla": anchor_shape("zilliqa:[1-9][0-9]{0,15}", "(0x)?[0-9a-fA-F]{40}|zil1[02-9ac-hj-np-z]{38}", "(0x)?[0-9a-fA-F]{64}")}
PLACE = {"treeSize": count, "path": list_of(HASH, 64), "root": HASH}
PROOF = {"format": text(".*"), "digest": {"algorithm": text(".*"), "value": HASH}, "salt": HEX16, "receivedAt": time,
         "window": {"id": count, "seconds": lambda value: count(value) and value > 0},
         "anchors": list_of(lambda anchor: fits(anchor, {"type": text(".*"), **KINDS.get(anchor["type"], {})}), 16)}
OPTIONAL = {"blinding": HEX16, "inclusion": {"leafIndex": count, **PLACE}, "log": {"index": count, **PLACE}}

def parse(data):
    try:
        proof = json.loads(data.decode("utf-8"), parse_constant=lambda name: int(name))  # NaN is not JSON: a ValueError
        shape = {**PROOF, **{key: OPTIONAL[key] for key in OPTIONAL if key in proof}}
        require(fits(proof, shape), "malformed_proof", "a field is missing or malformed")
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise Refused("malformed_proof", repr(error))
    together = ("inclusion" in proof) == ("log" in proof) and ("log" in proof or not proof["anchors"])
    require(together, "malformed_proof", "inclusion, log and anchors do not come together")
    return proof

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def root_of(leaf, index, size, path):
    """The root that a leaf and its path lead to, RFC 9162 section 2.1.3.2; None where the path does not fit the tree."""
    fn, sn, node = int(index), int(size) - 1, leaf
    for sibling in map(bytes.fromhex, path):
        if sn == 0:
            return None
        if fn % 2 == 1 or fn == sn:
            node = sha256(b"\x01", sibling, node)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            node = sha256(b"\x01", node, sibling)
        fn, sn = fn // 2, sn // 2
    return node.hex() if sn == 0 and index < size else None

def check_file(digest, proof):
    names = [proof["format"], proof["digest"]["algorithm"], *{anchor["type"] for anchor in proof["anchors"]} - {*KINDS}]
    require(names == ["chronos-proof/1", "sha256"], "unsupported_format", f"not known here: {names}")
    require(proof["digest"]["value"] == digest, "digest_mismatch", "the proof is of another digest")
    if "inclusion" in proof:
        tree, log = proof["inclusion"], proof["log"]
        blinding = bytes.fromhex(proof.get("blinding", ""))
        submitted = sha256(bytes.fromhex(digest), blinding) if blinding else bytes.fromhex(digest)
        leaf = sha256(b"\x00", sha256(submitted, bytes.fromhex(proof["salt"])))
        require(root_of(leaf, tree["leafIndex"], tree["treeSize"], tree["path"]) == tree["root"], "path_mismatch", "another root")
        numbers = [int(value).to_bytes(8, "big") for value in (proof["window"]["id"], tree["treeSize"])]
        record = sha256(b"\x00", *numbers, bytes.fromhex(tree["root"]))
        require(root_of(record, log["index"], log["treeSize"], log["path"]) == log["root"], "log_mismatch", "another log root")
    require(proof["anchors"], "pending", "not anchored yet")

def call(url, method, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json", "user-agent": "independent-checker"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.loads(response.read(8 << 20))["result"]

def check_anchor(url, anchor, proof):
    require(anchor["type"] == "zilliqa-evm", "chain_unreachable", "this program asks EVM chains only")
    require(f"eip155:{int(call(url, 'eth_chainId'), 16)}" == anchor["chain"], "chain_unreachable", "the endpoint serves another chain")
    receipt = call(url, "eth_getTransactionReceipt", anchor["transaction"])
    require(receipt is not None, "anchor_not_found", "the chain has no such transaction in a block")
    final = call(url, "eth_getBlockByNumber", "finalized", False)
    block = call(url, "eth_getBlockByNumber", receipt["blockNumber"], False)
    wanted = [TOPIC, f"0x{int(proof['window']['id']):064x}", "0x" + proof["inclusion"]["root"]]
    own = [log for log in receipt["logs"] if log["address"].lower() == anchor["contract"].lower()]
    anchored = wanted in [[topic.lower() for topic in log["topics"]] for log in own]
    require(anchored and int(receipt["status"], 16) == 1, "anchor_mismatch", "it did not anchor this window and root")
    place = [int(receipt["blockNumber"], 16), receipt["blockHash"].lower()]
    stated = [anchor["block"]["number"], anchor["block"]["hash"].lower()]
    require(place == stated, "anchor_mismatch", f"the transaction is in block {place}")
    require(block["hash"].lower() == place[1], "not_final", "another block stands at its height")
    made = datetime.fromtimestamp(int(block["timestamp"], 16), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    require(made == anchor["block"]["time"], "anchor_mismatch", f"the block was made at {made}")
    require(final is not None and int(final["number"], 16) >= place[0], "not_final", "its block is not final yet")

def outcomes(digest, data, urls):
    try:
        proof = parse(data)
        check_file(digest, proof)
    except Refused as refused:
        return [refused]
    return [outcome for anchor in proof["anchors"] for url in urls for outcome in asked(url, anchor, proof)]

def asked(url, anchor, proof):
    try:
        return check_anchor(url, anchor, proof) or []
    except Refused as refused:
        return [refused]
    except Exception as error:  # no answer, or one of an unexpected shape: unknown, not "no"
        return [Refused("chain_unreachable", repr(error))]

if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, more in {"digest": {}, "proof": {"type": argparse.FileType("rb")}, "--rpc": {"action": "append", "default": []}}.items():
        options.add_argument(name, **more)
    given = options.parse_args()
    if not HASH(given.digest):
        options.error("DIGEST is not 64 lower-case hex digits")
    failures = sorted(outcomes(given.digest, given.proof.read(), given.rpc), key=lambda failure: ORDER.index(failure.code))
    print(failures[0].code if failures else "ok")
    sys.exit(": ".join(failures[0].args) if failures else 0)
