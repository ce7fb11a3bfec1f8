internal import CArgon2
package import Primitives

/// What makes the tag of a password: long and dear in memory on purpose.
package protocol KeyDerivation: Sendable {
    /// - Parameter data: what else the tag depends on, in clear.
    /// - Returns: `nil` when it could not be computed, for want of memory.
    func tag(
        of password: borrowing Secret, salt: [UInt8], key: borrowing Secret, data: [UInt8], cost: HashCost, length: Int
    ) -> [UInt8]?
}

/// Argon2id of libargon2, on the calling thread. The library wipes its memory before it gives it back.
package struct Argon2id: KeyDerivation {
    package init() {}

    package func tag(
        of password: borrowing Secret, salt: [UInt8], key: borrowing Secret, data: [UInt8], cost: HashCost, length: Int
    ) -> [UInt8]? {
        var tag = [UInt8](repeating: 0, count: length)
        let result = password.withBytes { password in
            key.withBytes { key in
                shim_argon2id(
                    cost.passes, cost.kibibytes, cost.lanes, password.baseAddress, UInt32(password.count), salt, UInt32(salt.count),
                    key.baseAddress, UInt32(key.count), data, UInt32(data.count), &tag, UInt32(length))
            }
        }
        return result == 0 ? tag : nil
    }
}
