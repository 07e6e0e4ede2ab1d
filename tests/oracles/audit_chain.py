"""A hash of the audit chain, computed without our code: the expected values of AuditChainTests.

SHA-256 over the 32 bytes of the previous hash, then the entry as JSON without spaces in UTF-8.
"""
import hashlib

previous = bytes(32)
for sequence, at, actor, action, data in [
    (1, "2026-01-02T03:04:05.000006Z", "datasets", "dataset.registered", '{"name":"iris","rows":150}'),
    (2, "2026-01-02T03:04:06.000000Z", "Zo\u00eb <zoe@example.org>", "model.promoted", '{"reason":"better \\"F1\\" by 1 %"}'),
]:
    text = ('{"sequence":%d,"at":"%s","actor":"%s","action":"%s","subjectId":"01890000-0000-7000-8000-000000000001","data":%s}'
            % (sequence, at, actor, action, data))
    previous = hashlib.sha256(previous + text.encode("utf-8")).digest()
    print(sequence, previous.hex())
