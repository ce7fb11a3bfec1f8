import Primitives

/// A trace in canonical form but for its number: what callers can do before the one writer gives the numbers out.
package struct PreparedTrace: Hashable, Sendable {
    /// The members that sort before `seq`, and those after it.
    private var before: [UInt8] = []
    private var after: [UInt8] = []

    /// - Parameters:
    ///   - salt: 16 random bytes.
    ///   - workstation: the name this machine has in the establishment.
    package init(_ draft: TraceDraft, salt: [UInt8], workstation: String) {
        before.reserveCapacity(512)
        after.reserveCapacity(128)
        // In the order of RFC 8785 §3.2.3.
        Self.append("actor", draft.actor, to: &before)
        Self.append("card", draft.card, to: &before)
        Self.append("client", draft.client, to: &before)
        Self.append("code", draft.code, to: &before)
        Self.append("count", draft.count.map { .int(Int64($0)) }, to: &before)
        Self.append("detail", draft.markedDetail, to: &before)
        Self.append("event", draft.event.rawValue, to: &before)
        Self.append("evidence", draft.evidence, to: &before)
        Self.append("mode", draft.mode, to: &before)
        Self.append("outcome", draft.outcome.rawValue, to: &before)
        Self.append("patient", draft.patient, to: &before)
        Self.append("reader", draft.reader, to: &before)
        Self.append("reason", draft.reason, to: &before)
        Self.append("salt", Base64URL.encode(salt), to: &before)
        Self.append("session", draft.session, to: &after)
        Self.append("time", draft.time.description, to: &after)
        Self.append("v", .int(TraceDraft.version), to: &after)
        Self.append("workstation", workstation, to: &after)
    }

    private static func append(_ name: StaticString, _ text: String?, to bytes: inout [UInt8]) {
        append(name, text.map(JSON.string), to: &bytes)
    }

    private static func append(_ name: StaticString, _ value: JSON?, to bytes: inout [UInt8]) {
        guard let value else { return }
        if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        value.appendCanonical(to: &bytes)
    }

    /// The bytes of leaf `seq`.
    package func leaf(seq: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(before.count + after.count + 30)
        bytes.append(UInt8(ascii: "{"))
        bytes += before
        bytes += ",\"seq\":\(seq),".utf8
        bytes += after
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
