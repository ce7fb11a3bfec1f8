import DegradedMode
import Primitives
import TestSupport

/// A password as somebody types it.
func typed(_ text: String) throws(PasswordFault) -> Password { try typed(Array(text.utf8)) }

func typed(_ bytes: [UInt8]) throws(PasswordFault) -> Password { try Password(Secret(count: bytes.count) { $0.copyBytes(from: bytes) }) }

extension HashCost {
    /// As cheap as Argon2 can be.
    static let least = HashCost(kibibytes: 8, passes: 1, lanes: 1) ?? .standard
}

extension Pepper {
    static func test() -> Pepper { Pepper(random: SystemRandom()) }
}
