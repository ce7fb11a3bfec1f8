/// What a password hash costs whoever computes it (RFC 9106 §3.1).
package struct HashCost: Hashable, Sendable {
    package let kibibytes: UInt32
    package let passes: UInt32
    package let lanes: UInt32

    /// 64 MiB, three passes, one lane: the second choice of RFC 9106 §4 on one core; about 0.2 s.
    package static let standard = HashCost(known: 65_536, 3, 1)

    /// What a stored hash may ask for: a damaged one must not take the machine's memory.
    private static let mostKibibytes: UInt32 = 1 << 18
    private static let mostPasses: UInt32 = 16
    private static let mostLanes: UInt32 = 4

    private init(known kibibytes: UInt32, _ passes: UInt32, _ lanes: UInt32) {
        self.kibibytes = kibibytes
        self.passes = passes
        self.lanes = lanes
    }

    /// `nil` beyond 256 MiB, 16 passes or 4 lanes, and below what Argon2 can work with.
    package init?(kibibytes: UInt32, passes: UInt32, lanes: UInt32) {
        guard (1...Self.mostLanes).contains(lanes), (1...Self.mostPasses).contains(passes),
            (8 * lanes...Self.mostKibibytes).contains(kibibytes)
        else { return nil }
        self.init(known: kibibytes, passes, lanes)
    }
}
