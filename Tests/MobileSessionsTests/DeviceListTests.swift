import Audit
import Identity
import LoginFlow
import MobileSessions
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(2)))
struct DeviceListTests {
    private static func ids(_ json: JSON) -> [String] { json["devices"]?.array?.compactMap { $0["id"]?.string } ?? [] }

    @Test func ownDevicesAreListedWithTheirSessions() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        world.clock.advance(seconds: 60)
        _ = try await world.refresh(tokens.refreshToken).get()
        let device = try #require(try await world.desk.devices(of: nil, for: .user)["devices"]?.array?.first)
        #expect(device["name"] == "Tablette de MAX" && device["lost"] == false && device["sessions"] == [.string(tokens.session)])
        #expect(device["id"]?.string?.count == 22 && device["thumbprint"]?.string == MobileRequest.phone.thumbprint)
        #expect(device["first_seen"]?.string == ManualClock.noon.description)
        #expect(device["last_used"]?.string == ManualClock.noon.advanced(bySeconds: 60).description)
        #expect(Self.ids(try await world.desk.devices(of: nil, for: .other)).isEmpty)
    }

    @Test func devicesOfOthersAreForAdministrators() async throws {
        let world = try await MobileWorld()
        try await world.letIn()
        let person = world.session.holder.nationalID.text
        #expect(try await world.refusal { try await world.desk.devices(of: person, for: .other) }?.code == .forbidden)
        let id = try #require(Self.ids(try await world.desk.devices(of: person, for: .root)).first)
        #expect(try await world.refusal { try await world.desk.remove(device: id, by: .other) }?.code == .deviceNotFound)
        try await world.desk.remove(device: id, by: .root)
        #expect(Self.ids(try await world.desk.devices(of: person, for: .root)).isEmpty)
        #expect(world.ledger.sessions.values.contains { $0.endReason == .administrator })
    }

    @Test func deviceThatIsRemovedIsOutAndMayComeAgain() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let id = try #require(Self.ids(try await world.desk.devices(of: nil, for: .user)).first)
        try await world.desk.remove(device: id, by: .user)
        #expect(await world.mobile(tokens.session) == nil && world.ledger.kept(.device).isEmpty)
        #expect(await world.refresh(tokens.refreshToken).code == .invalidGrant)
        #expect(world.ledger.traces(of: .mobileDeviceRemoved).first?.detail?["sessions"] == 1)
        #expect(try await world.refusal { try await world.desk.remove(device: id, by: .user) }?.code == .deviceNotFound)
        try await world.letIn()
    }

    @Test func allOfOnesOwnAreRemovedAtOnce() async throws {
        let world = try await MobileWorld()
        try await world.letIn()
        try await world.letIn(.thief)
        #expect(try await world.desk.removeAll(session: world.session.id, by: .user) == ["devices": 2, "sessions": 2])
        #expect(await world.registry.mobileSessions.isEmpty)
        #expect(try await world.desk.removeAll(session: world.session.id, by: .user) == ["devices": 0, "sessions": 0])
        #expect(try await world.refusal { try await world.desk.removeAll(session: "none", by: .user) }?.code == .sessionNotFound)
    }

    @Test func lostDeviceIsOutForEver() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let counts = try await world.desk.reportLost(
            person: nil, device: nil, note: "tombée du chariot", session: world.session.id, by: .user)
        #expect(counts == ["devices": 1, "sessions": 1])
        #expect(await world.mobile(tokens.session) == nil && world.ledger.sessions[tokens.session]?.endReason == .revoked)
        let trace = try #require(world.ledger.traces(of: .mobileDeviceLost).first)
        #expect(trace.actor?["national_id"]?.string == world.session.holder.nationalID.text && trace.detail?["note"] == "tombée du chariot")
        let (id, code) = try await world.pair()
        #expect(await world.redeem(code).code == .invalidGrant)
        #expect(try await world.state(id) == "failed" && world.ledger.traces(of: .mobileAlarm).map(\.reason) == ["lost_device"])
        do throws(MobileRefusal) {
            _ = try await world.desk.authorize(.phone)
            Issue.record("a lost device may ask")
        } catch { #expect(error.code == .accessDenied) }
        // Another key is another device.
        try await world.letIn(.thief)
    }

    @Test func colleagueReportsAndLearnsNothing() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let nurse = try await world.agent.colleague(try Personas.shared().nurse)
        let person = world.session.holder.nationalID.text
        #expect(
            try await world.desk.reportLost(person: "nobody", device: nil, note: nil, session: nurse.id, by: .other) == [
                "devices": 0, "sessions": 0,
            ])
        #expect(
            try await world.desk.reportLost(person: person, device: nil, note: nil, session: nurse.id, by: .other) == [
                "devices": 1, "sessions": 1,
            ])
        #expect(await world.mobile(tokens.session) == nil)
        let trace = try #require(world.ledger.traces(of: .mobileDeviceLost).last)
        #expect(trace.actor?["national_id"]?.string == nurse.holder.nationalID.text && trace.detail?["person"]?.string == person)
        #expect(
            try await world.refusal {
                try await world.desk.reportLost(person: person, device: nil, note: nil, session: nurse.id, by: .user)
            }?.code == .sessionNotFound)
        #expect(
            try await world.refusal {
                try await world.desk.reportLost(person: person, device: nil, note: "a\nb", session: nurse.id, by: .other)
            }?.code == .invalidRequest)
    }
}

extension TestAgent {
    /// A colleague's session, of another user of the machine.
    func colleague(_ persona: Persona) async throws -> Session {
        readers.plug(Self.otherReader)
        await insert(try persona.card(), in: Self.otherReader)
        return try await logIn(.other, reader: Self.otherReader).session
    }
}
