import Audit
import Primitives
import Sessions
import TestSupport
import Testing

/// Whoever comes in with their card sees what was done without it.
@Suite(.timeLimit(.minutes(5)))
struct SinceLastLoginTests {
    private static let person = "899900063480"

    private static func emergency(_ id: String, at seconds: Int64, kind: Emergency.Kind = .degraded) -> Effect {
        let at = ManualClock.noon.advanced(bySeconds: seconds)
        return .keep(
            Emergency(
                id: id, kind: kind, session: id, uid: 1000, client: "records", person: person, name: "MAX LIBRE", mode: "degraded",
                reason: "card_forgotten", note: nil, patient: nil, makers: [], declaredAt: at, expiresAt: at, reviewDueAt: at
            ).record)
    }

    private static func account(madeAt seconds: Int64, origin: String) -> Effect {
        let at = ManualClock.noon.advanced(bySeconds: seconds).description
        return .keep(
            KeptRecord(
                .account, "a1", key: person, isOpen: false,
                json: [
                    "way_in": [
                        "origin": .string(origin), "made_at": .string(at), "made_by": ["national_id": "899900000001"],
                        "confirmed_by": .null,
                    ],
                    "pending": .null,
                ]))
    }

    @Test func usesAndResetsAreToldOnceInTheirOrder() async throws {
        let world = try await SessionWorld()
        let since = SinceLastLogin(world.registry, world.ledger)
        _ = try await world.ledger.commit(
            [],
            [
                Self.emergency("e2", at: 20), Self.emergency("e1", at: 10), Self.emergency("b1", at: 15, kind: .breakGlass),
                Self.account(madeAt: 12, origin: "referent"),
            ])
        let session = try Sample.session("s1")
        let told = await since.tell(session)
        #expect(told.map { $0["kind"]?.string } == ["use", "password", "use"])
        #expect(told.map { $0["session"]?.string } == ["e1", nil, "e2"])
        #expect(told[1]["made_by"] == "899900000001")
        #expect(await since.tell(session).isEmpty)
        _ = try await world.ledger.commit([], [Self.emergency("e3", at: 30)])
        #expect(await since.tell(session).map { $0["session"]?.string } == ["e3"])
    }

    @Test func ownPasswordAndOtherPeopleAreNoNews() async throws {
        let world = try await SessionWorld()
        _ = try await world.ledger.commit([], [Self.emergency("e1", at: 10), Self.account(madeAt: 12, origin: "holder")])
        let since = SinceLastLogin(world.registry, world.ledger)
        #expect(await since.tell(try Sample.session("s2", holder: try Sample.holder("899900099999"))).isEmpty)
        #expect(await since.tell(try Sample.session("s1")).count == 1)
    }

    @Test func vouchedSessionSaysWhoVouched() async throws {
        let world = try await SessionWorld(degraded: DegradedRules(isEnabled: true, reasons: ["r"]))
        let holder = try Sample.holder()
        let admission = DegradedAdmission(
            id: "d1", holder: holder,
            entry: Session.DegradedEntry(
                origin: .vouched, account: nil, madeBy: "899900000007", confirmedBy: nil, reason: "r", note: nil),
            makers: ["899900000007"], situations: [], profile: nil, uid: 1000, resumes: nil, life: 600)
        do throws(OpeningRefusal) { _ = try await world.registry.open(admission, traces: [], by: .user, token: nil) } catch {
            throw error.refusal
        }
        let told = await SinceLastLogin(world.registry, world.ledger).tell(try Sample.session("s1", holder: holder))
        #expect(told.first?["kind"] == "vouched" && told.first?["made_by"] == "899900000007")
    }
}
