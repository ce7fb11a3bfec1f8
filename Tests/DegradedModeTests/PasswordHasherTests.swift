import DegradedMode
import Dispatch
import Primitives
import Synchronization
import Testing

struct PasswordHasherTests {
    private let subject = PasswordSubject(names: ["Libre"], identifiers: [])

    /// Counts what is computed, and waits at a gate.
    private final class CountedDerivation: KeyDerivation {
        let asked = Mutex<[HashCost]>([])
        let gate = DispatchSemaphore(value: 0)
        let isGated: Bool

        init(isGated: Bool = false) { self.isGated = isGated }

        func tag(
            of password: borrowing Secret, salt: [UInt8], key: borrowing Secret, data: [UInt8], cost: HashCost, length: Int
        ) -> [UInt8]? {
            asked.withLock { $0.append(cost) }
            if isGated { gate.wait() }
            return [UInt8](repeating: 0, count: length)
        }
    }

    private struct NoMemory: KeyDerivation {
        func tag(
            of password: borrowing Secret, salt: [UInt8], key: borrowing Secret, data: [UInt8], cost: HashCost, length: Int
        ) -> [UInt8]? { nil }
    }

    @Test func theRightPasswordFitsAndAnotherDoesNot() async throws {
        let hasher = PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom())
        let hash = try await hasher.hash(typed("Xq7#mw2Kp!vT"), of: "a")
        #expect(try await hasher.compare(typed("Xq7#mw2Kp!vT"), with: hash, of: "a") == .fits(isOutdated: false))
        for wrong in ["Xq7#mw2Kp!vt", "Xq7#mw2Kp!v", "Xq7#mw2Kp!vTT"] {
            #expect(try await hasher.compare(typed(wrong), with: hash, of: "a") == .doesNotFit)
        }
        #expect(try await hasher.compare(typed("Xq7#mw2Kp!vT"), with: nil, of: "a") == .doesNotFit)
    }

    @Test func oneAccountsHashFitsNothingInTheRowOfAnother() async throws {
        let hasher = PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom())
        let hash = try await hasher.hash(typed("Xq7#mw2Kp!vT"), of: "mine")
        #expect(try await hasher.compare(typed("Xq7#mw2Kp!vT"), with: hash, of: "yours") == .doesNotFit)
    }

    @Test func theSamePasswordHasAnotherHashEachTime() async throws {
        let hasher = PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom())
        let hashes = [try await hasher.hash(typed("Xq7#mw2Kp!vT"), of: "a"), try await hasher.hash(typed("Xq7#mw2Kp!vT"), of: "a")]
        #expect(hashes[0] != hashes[1])
    }

    @Test func aStolenDatabaseAloneAllowsNoGuessing() async throws {
        let here = PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom())
        let thief = PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom())
        let hash = try await here.hash(typed("Xq7#mw2Kp!vT"), of: "a")
        // The right guess is not told from a wrong one.
        #expect(try await thief.compare(typed("Xq7#mw2Kp!vT"), with: hash, of: "a") == .pepperLost)
        #expect(!thief.knowsPepper(of: hash))
        #expect(here.knowsPepper(of: hash))
        // Nor is it when the id of the pepper is forged.
        let id = try #require(await thief.hash(typed("Xq7#mw2Kp!vT"), of: "a").text.split(separator: "$")[2].split(separator: ",").last)
        let own = try #require(hash.text.split(separator: "$")[2].split(separator: ",").last)
        let forged = try #require(PasswordHash(hash.text.replacing(own, with: id)))
        #expect(try await thief.compare(typed("Xq7#mw2Kp!vT"), with: forged, of: "a") == .doesNotFit)
    }

    @Test func aHashOfAnotherCostStillFitsAndIsToldOutdated() async throws {
        let pepper = Pepper.test()
        let old = PasswordHasher(pepper: pepper, cost: .least, random: SystemRandom())
        let dearer = try #require(HashCost(kibibytes: 16, passes: 2, lanes: 1))
        let new = PasswordHasher(pepper: pepper, cost: dearer, random: SystemRandom())
        let hash = try await old.hash(typed("Xq7#mw2Kp!vT"), of: "a")
        #expect(try await new.compare(typed("Xq7#mw2Kp!vT"), with: hash, of: "a") == .fits(isOutdated: true))
        #expect(try await new.hash(typed("Xq7#mw2Kp!vT"), of: "a").cost == dearer)
    }

    @Test func unknownWrongAndLostCostTheSame() async throws {
        let counted = CountedDerivation()
        let hasher = PasswordHasher(pepper: .test(), derivation: counted, random: SystemRandom())
        let password = try typed("Xq7#mw2Kp!vT")
        let known = try await hasher.hash(password, of: "a")
        let lost = try await PasswordHasher(pepper: .test(), derivation: counted, random: SystemRandom()).hash(password, of: "a")
        counted.asked.withLock { $0 = [] }
        for hash in [nil, known, lost] { _ = try await hasher.compare(password, with: hash, of: "a") }
        #expect(counted.asked.withLock { $0 } == [.standard, .standard, .standard])
    }

    @Test func timeDoesNotTellAnUnknownAccountFromAWrongPassword() async throws {
        let cost = try #require(HashCost(kibibytes: 2048, passes: 1, lanes: 1))
        let hasher = PasswordHasher(pepper: .test(), cost: cost, random: SystemRandom())
        let hash = try await hasher.hash(typed("Xq7#mw2Kp!vT"), of: "a")
        let wrong = try typed("Xq7#mw2Kp!vX")
        let time = SystemTime()
        // What a busy machine adds differs each time; the least of many times is the work itself. No work at all would be a thousandth.
        var (unknown, known) = (Duration.seconds(3600), Duration.seconds(3600))
        for _ in 0..<50 where !(0.7...1.4).contains(unknown / known) || known == .seconds(3600) {
            for _ in 0..<20 {
                let start = time.sinceBoot()
                _ = try await hasher.compare(wrong, with: nil, of: "a")
                let middle = time.sinceBoot()
                _ = try await hasher.compare(wrong, with: hash, of: "a")
                (unknown, known) = (min(unknown, middle - start), min(known, time.sinceBoot() - middle))
            }
        }
        #expect((0.7...1.4).contains(unknown / known), "\(unknown) for an unknown account, \(known) for a wrong password")
    }

    @Test(.timeLimit(.minutes(5))) func aFloodIsTurnedAwayAndWaitsForNobody() async throws {
        let gated = CountedDerivation(isGated: true)
        let hasher = PasswordHasher(pepper: .test(), cost: .least, derivation: gated, random: SystemRandom(), mostWaiting: 3)
        let password = try typed("Xq7#mw2Kp!vT")
        await withTaskGroup(of: PasswordHasher.Failure?.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do throws(PasswordHasher.Failure) {
                        _ = try await hasher.compare(password, with: nil, of: "a")
                        return nil
                    } catch { return error }
                }
            }
            // All but three come back although nothing has been computed.
            for _ in 0..<37 { #expect(await group.next() == .busy) }
            for _ in 0..<3 { gated.gate.signal() }
            for _ in 0..<3 { #expect(await group.next() == .some(nil)) }
        }
        #expect(gated.asked.withLock { $0.count } == 3)
        gated.gate.signal()
        _ = try await hasher.compare(password, with: nil, of: "a")
    }

    @Test func withoutMemoryNothingIsDecided() async throws {
        let hasher = PasswordHasher(pepper: .test(), derivation: NoMemory(), random: SystemRandom())
        await #expect(throws: PasswordHasher.Failure.unavailable) { _ = try await hasher.hash(typed("Xq7#mw2Kp!vT"), of: "a") }
        await #expect(throws: PasswordHasher.Failure.unavailable) { _ = try await hasher.compare(typed("Xq7#mw2Kp"), with: nil, of: "a") }
    }

    @Test func aNewPasswordIsJudgedByRulesDictionaryAndHistory() async throws {
        let hasher = PasswordHasher(pepper: .test(), cost: .least, random: SystemRandom())
        let used = [try await hasher.hash(typed("Xq7#mw2Kp!vT"), of: "a"), try await hasher.hash(typed("Œuf9dur*salé"), of: "a")]
        for (text, fault) in [
            ("Xq7#mw2", PasswordFault.tooSimple), ("Bonjour-2026!", .dictionary), ("Xq7#mw2Kp!vT", .usedBefore),
            ("Œuf9dur*sale\u{301}", .usedBefore), ("Libre#Kw2640q", .identity),
        ] { #expect(try await hasher.fault(of: typed(text), for: subject, used: used, of: "a") == fault) }
        #expect(try await hasher.fault(of: typed("Xq7#mw2Kp!vU"), for: subject, used: used, of: "a") == nil)
    }

    @Test func withoutADictionaryNoNewPasswordIsTaken() async throws {
        let hasher = PasswordHasher(
            pepper: .test(), cost: .least, random: SystemRandom(), dictionary: "/nonexistent/dictionary")
        await #expect(throws: PasswordHasher.Failure.dictionaryMissing) {
            _ = try await hasher.fault(of: typed("Xq7#mw2Kp!vU"), for: subject, used: [], of: "a")
        }
    }
}
