/// What a reader can do beyond carrying commands (PC/SC part 10, v2.02.09 §2.2).
struct ReaderFeatures: Hashable, Sendable {
    /// Control code of FEATURE_VERIFY_PIN_DIRECT.
    let verifyPINDirect: UInt32?

    /// From the answer to CM_IOCTL_GET_FEATURE_REQUEST: tag, length, and in four bytes, the highest first, a control code. The first of
    /// a tag counts; what is cut short, or has another length, is left aside.
    init(answer: [UInt8]) {
        var found: UInt32?
        var rest = answer[...]
        while found == nil, rest.count >= 2 {
            let (tag, length) = (rest.removeFirst(), Int(rest.removeFirst()))
            guard rest.count >= length else { break }
            if tag == Self.verifyPINDirectTag, length == 4 { found = rest.prefix(length).reduce(0) { $0 << 8 | UInt32($1) } }
            rest = rest.dropFirst(length)
        }
        verifyPINDirect = found == 0 ? nil : found
    }

    private static let verifyPINDirectTag: UInt8 = 0x06
}
