import Primitives
import Testing

struct SecretTests {
    private func copied(_ bytes: [UInt8]) -> Secret { Secret(count: bytes.count) { $0.copyBytes(from: bytes) } }

    @Test(arguments: [[], [0x31], Array("1234".utf8), [UInt8](repeating: 0xA5, count: 5000)] as [[UInt8]])
    func bytesAreReadInsideOnly(bytes: [UInt8]) {
        let secret = copied(bytes)
        #expect(secret.count == bytes.count)
        let seen = secret.withBytes { Array($0) }
        #expect(seen == bytes)
    }

    @Test func roomIsZeroUntilFilled() {
        let secret = Secret(count: 8) { $0[3] = 0x7F }
        let seen = secret.withBytes { Array($0) }
        #expect(seen == [0, 0, 0, 0x7F, 0, 0, 0, 0])
    }

    @Test func errorsOfTheReaderComeThrough() {
        struct Refused: Error {}
        let secret = copied([1])
        #expect(throws: Refused.self) { try secret.withBytes { (_) throws(Refused) in throw Refused() } }
    }

    @Test func wipingLeavesZeros() {
        var bytes: [UInt8] = [1, 2, 3]
        wipe(&bytes)
        #expect(bytes == [0, 0, 0])
        var none: [UInt8] = []
        wipe(&none)
        #expect(none.isEmpty)
    }

    @Test func idsAreLongAndDiffer() {
        let ids = Set((0..<1000).map { _ in SystemRandom().opaqueID() })
        #expect(ids.allSatisfy { $0.first != "-" })
        #expect(ids.count == 1000)
        #expect(ids.allSatisfy { Base64URL.decode($0)?.count == 16 })
    }
}
