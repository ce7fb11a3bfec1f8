import Foundation
import Primitives
import Testing
import Tokens

struct KeyRotationTests {
    private let now = Sample.now

    private func published(_ signer: TokenSigner) -> [String] { signer.jwks()["keys"]?.array?.compactMap { $0["kid"]?.string } ?? [] }

    @Test func keySurvivesARestart() async throws {
        let storage = MemoryKeyStorage()
        let first = try await TokenSigner(storage: storage, now: now)
        let token = try first.sign(Sample.claims())
        let second = try await TokenSigner(storage: storage, now: now.advanced(bySeconds: 60))
        #expect(second.currentKeyID == first.currentKeyID)
        #expect(try second.verify(token, now: now) == Sample.claims())
        #expect(storage.all.count == 1)
    }

    @Test func oldKeyVerifiesUntilItsLastTokenIsOver() async throws {
        let storage = MemoryKeyStorage()
        let signer = try await TokenSigner(storage: storage, now: now)
        let old = signer.currentKeyID
        let rotation = now.advanced(bySeconds: 1000)
        let token = try signer.sign(Sample.claims(at: rotation, life: 900))
        try await signer.rotate(now: rotation)
        #expect(signer.currentKeyID != old)
        #expect(published(signer) == [signer.currentKeyID, old])
        try signer.dropOutlived(now: rotation.advanced(bySeconds: 899))
        #expect(try signer.verify(token, now: rotation.advanced(bySeconds: 899)).jti == "t1")
        try signer.dropOutlived(now: rotation.advanced(bySeconds: 900))
        #expect(published(signer) == [signer.currentKeyID])
        #expect(throws: TokenRefusal.unknownKey) { try signer.verify(token, now: rotation) }
        #expect(storage.all.map(\.kid) == [signer.currentKeyID])
    }

    @Test func threeKeysMayOverlap() async throws {
        let signer = try await TokenSigner(storage: MemoryKeyStorage(), now: now)
        try await signer.rotate(now: now.advanced(bySeconds: 10))
        try await signer.rotate(now: now.advanced(bySeconds: 20))
        #expect(published(signer).count == 3)
        try signer.dropOutlived(now: now.advanced(bySeconds: 915))
        #expect(published(signer).count == 2)
    }

    @Test func clockThatWentBackStillMakesTheNewestKey() async throws {
        let storage = MemoryKeyStorage()
        let signer = try await TokenSigner(storage: storage, now: now)
        try await signer.rotate(now: now.advanced(bySeconds: -5000))
        let again = try await TokenSigner(storage: storage, now: now)
        #expect(again.currentKeyID == signer.currentKeyID)
    }

    @Test func anotherAlgorithmMakesANewKeyAndKeepsTheOld() async throws {
        let storage = MemoryKeyStorage()
        let first = try await TokenSigner(storage: storage, algorithm: .es256, now: now)
        let token = try first.sign(Sample.claims())
        let second = try await TokenSigner(storage: storage, algorithm: .edDSA, now: now.advanced(bySeconds: 1))
        #expect(second.currentKeyID != first.currentKeyID)
        #expect(try second.verify(token, now: now) == Sample.claims())
    }

    @Test func storedKeyUnderAFalseNameIsRefused() async throws {
        let storage = MemoryKeyStorage()
        _ = try await TokenSigner(storage: storage, now: now)
        let good = try #require(storage.all.first)
        for bad in [
            StoredTokenKey(kid: "other", createdAt: good.createdAt, pem: good.pem),
            StoredTokenKey(kid: good.kid, createdAt: good.createdAt, pem: "no key"),
        ] {
            await #expect(throws: TokenKeyError.corrupt(kid: bad.kid)) { try await TokenSigner(storage: MemoryKeyStorage([bad]), now: now) }
        }
    }
}
