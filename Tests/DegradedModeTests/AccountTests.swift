import DegradedMode
import Identity
import Primitives
import Testing

struct AccountTests {
    private let now = Timestamp(seconds: 1_780_000_000)

    private func maker(_ person: String) throws -> WayIn.Maker {
        WayIn.Maker(person: try #require(NationalID(person)), name: "Person \(person)", session: "session-\(person)")
    }

    private func hash(_ digit: Character = "A") throws -> PasswordHash {
        let (salt, tag) = (String(repeating: digit, count: 21) + "A", String(repeating: digit, count: 42) + "A")
        return try #require(PasswordHash("$argon2id$v=19$m=65536,t=3,p=1,keyid=AAAAAAAAAAA$\(salt)$\(tag)"))
    }

    private func account() throws -> Account {
        Account(
            id: "account-1", person: try #require(NationalID("899900063480")),
            profile: PersonProfile(
                familyName: "LIBRE", givenName: "MAX", profession: Profession(code: "10"), knowHow: ["SM26"],
                structureID: StructureID("499900063480001"), cardType: .cps, isTest: true), at: now)
    }

    private func origins() throws -> [WayIn.Origin] {
        let (owner, first, second) = (try maker("899900063480"), try maker("local:secretary"), try maker("810000000001"))
        return [.holder(owner, cardSerial: "123"), .referent(first, .awaited), .referent(first, .by(second)), .referent(first, .solo)]
    }

    @Test func anAccountIsReadAsItWasStored() throws {
        for origin in try origins() {
            for until in [nil, now] as [Timestamp?] {
                var account = try account()
                #expect(Account(stored: account.stored) == account)
                account.take(WayIn(origin: origin, hash: try hash(), madeAt: now, initialUntil: until), at: now)
                account.take(WayIn(origin: origin, hash: try hash("B"), madeAt: now, initialUntil: until), at: now)
                account.pending = WayIn(origin: origin, hash: try hash("C"), madeAt: now, initialUntil: now)
                account.isDisabled = true
                #expect(Account(stored: account.stored) == account)
            }
        }
        let bare = Account(
            id: "x", person: try #require(NationalID("local:x")), profile: PersonProfile(familyName: nil, givenName: nil), at: now)
        #expect(Account(stored: bare.stored) == bare)
    }

    @Test func whatCallersSeeHoldsNoHash() throws {
        var account = try account()
        let wayIn = WayIn(origin: try origins()[0], hash: try hash(), madeAt: now, initialUntil: nil)
        account.take(wayIn, at: now)
        account.take(wayIn, at: now)
        account.pending = wayIn
        let text = String(decoding: account.json.canonical, as: UTF8.self)
        #expect(!text.contains("argon2") && !text.contains("history") && !text.contains("hash"))
        #expect(String(decoding: account.stored.canonical, as: UTF8.self).contains("argon2"))
    }

    @Test func aDamagedRowIsNoAccount() throws {
        var account = try account()
        account.take(WayIn(origin: try origins()[2], hash: try hash(), madeAt: now, initialUntil: now), at: now)
        account.take(WayIn(origin: try origins()[2], hash: try hash(), madeAt: now, initialUntil: now), at: now)
        guard case .object(let members) = account.stored, case .object(let wayIn)? = members["way_in"] else {
            Issue.record("an account is an object")
            return
        }
        // Each member that is read, gone or of another kind.
        for name in ["id", "national_id", "disabled", "history", "created_at", "changed_at", "know_how", "test"] {
            #expect(Account(stored: .object(members.filter { $0.key != name })) == nil, "\(name)")
        }
        for name in members.keys where !["rpps", "state"].contains(name) {
            #expect(Account(stored: account.stored.with(name, ["odd": 1])) == nil, "\(name)")
        }
        for name in ["made_by", "made_at", "set_at", "solo", "initial", "origin", "hash", "initial_until", "confirmed_by"] {
            let damaged = JSON.object(wayIn).with(name, 7)
            #expect(Account(stored: account.stored.with("way_in", damaged)) == nil, "\(name)")
        }
        #expect(Account(stored: account.stored.with("family_name", .string(String(repeating: "A", count: 300)))) == nil)
        #expect(Account(stored: account.stored.with("history", .array([JSON](repeating: .string(try hash().text), count: 6)))) == nil)
    }

    @Test func theLastFivePasswordsAreRemembered() throws {
        var account = try account()
        for digit in "ABCDEFGH" {
            account.take(WayIn(origin: try origins()[0], hash: try hash(digit), madeAt: now, initialUntil: nil), at: now)
        }
        #expect(account.usedHashes == (try "HGFED".map { try hash($0) }))
        #expect(account.history.count == 5)
    }

    @Test func stateFollowsFromWhatThereIs() throws {
        var account = try account()
        #expect(account.state == .awaitingConfirmation)
        let wayIn = WayIn(origin: try origins()[1], hash: try hash(), madeAt: now, initialUntil: now)
        account.pending = wayIn
        #expect(account.state == .awaitingConfirmation)
        #expect(account.comparedHash == wayIn.hash)
        account.take(WayIn(origin: try origins()[2], hash: try hash("B"), madeAt: now, initialUntil: now), at: now)
        #expect(account.state == .enabled)
        #expect(account.pending == nil)
        // A reset that nobody has confirmed is as if it were not there.
        account.pending = wayIn
        #expect(account.comparedHash == (try hash("B")))
        account.isDisabled = true
        #expect(account.state == .disabled)
    }

    @Test func whoHadAHandInAWayInIsKnown() throws {
        let owner = try #require(NationalID("899900063480"))
        let makers = try origins().map { try WayIn(origin: $0, hash: hash(), madeAt: now, initialUntil: nil).makers(otherThan: owner) }
        #expect(
            makers.map { $0.map(\.person.text) } == [[], ["local:secretary"], ["local:secretary", "810000000001"], ["local:secretary"]])
    }

    @Test func theHolderOfAnAccountIsThePersonOfTheCard() throws {
        let holder = try account().holder
        #expect(holder.displayName == "MAX LIBRE")
        #expect(holder.role == "10")
        #expect(PersonProfile(holder) == (try account().profile))
    }

    @Test func theIdentityOfAnAccountIsNoPassword() throws {
        let subject = try account().subject(isAdministrator: false)
        for text in ["Libre#Kw2640q", "Kw#99900063480z", "Kw#499900063480001Z"] {
            #expect(PasswordPolicy.fault(of: try typed(text), for: subject) == .identity)
        }
    }
}
