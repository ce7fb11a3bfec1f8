/// The parameters of a form-encoded body (RFC 6749 appendix B), read strictly.
package struct FormParameters: Hashable, Sendable {
    private let values: [String: String]

    /// Parameters that a form may have.
    package static let mostParameters = 64

    /// `nil` for what is no such form: a parameter that stands twice (RFC 6749 §3.1) or has no `=`, a wrong percent encoding, anything but
    /// UTF-8.
    package init?(_ body: some Collection<UInt8>) {
        var values: [String: String] = [:]
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, values.count < Self.mostParameters, let name = Self.decoded(parts[0]), !name.isEmpty,
                let value = Self.decoded(parts[1]), values.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        self.values = values
    }

    /// The value of a parameter. One without a value counts as left out (RFC 6749 §3.1).
    package subscript(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    private static func decoded(_ text: some Collection<UInt8>) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
