import Primitives
import Sessions
import TestSupport
import Testing

struct EmergencyTests {
    private static var declared: Emergency {
        let now = ManualClock.noon
        return Emergency(
            id: "e1", kind: .breakGlass, session: "s1", uid: 1000, client: "records", person: "899900063480", name: "MAX LIBRE",
            mode: "degraded", reason: "vital_emergency", note: nil, patient: "unknown", makers: ["p2", "p3"], declaredAt: now,
            expiresAt: now.advanced(bySeconds: 1800), reviewDueAt: now.advanced(bySeconds: 86_400))
    }

    private static var reviewed: Emergency {
        var emergency = declared
        emergency.note = "arrêt cardiaque"
        emergency.endedAt = ManualClock.noon.advanced(bySeconds: 60)
        emergency.endReason = "closed"
        emergency.overdueSince = ManualClock.noon.advanced(bySeconds: 90_000)
        emergency.review = Emergency.Review(
            outcome: .questioned, comment: "?", by: "p4", name: "ANNE", at: ManualClock.noon.advanced(bySeconds: 99_000), isSelf: false)
        return emergency
    }

    @Test(arguments: [declared, reviewed])
    func emergencyIsReadBackAsWritten(emergency: Emergency) { #expect(Emergency(emergency.json) == emergency) }

    @Test func recordIsOpenUntilItHasEndedAndWasReviewed() {
        var emergency = Self.declared
        #expect(emergency.record.isOpen && emergency.record.key == "899900063480")
        emergency.endedAt = ManualClock.noon
        #expect(emergency.record.isOpen)
        #expect(!Self.reviewed.record.isOpen)
    }

    @Test(arguments: [
        "id", "kind", "session", "uid", "client", "person", "mode", "reason", "makers", "declared_at", "expires_at", "review_due_at",
    ])
    func damagedRecordIsNone(member: String) { #expect(Emergency(Self.reviewed.json.with(member, .bool(true))) == nil) }
}
