import Habilitation
package import Identity
package import Primitives
package import Sessions

/// Sessions and holders that need no card.
package enum Sample {
    package static func holder(_ nationalID: String = "899900063480", profession: String? = "10") throws -> Holder {
        guard let id = NationalID(nationalID) else { throw Impossible() }
        return Holder(
            nationalID: id, familyName: "LIBRE", givenName: "MAX", profession: profession.map { Profession(code: $0) }, isTest: true)
    }

    package struct Impossible: Error {}

    /// A way in by a password that the holder has set.
    package static let degraded = Session.DegradedEntry(
        origin: .holder, account: "a1", madeBy: nil, confirmedBy: nil, reason: "card_forgotten", note: nil)

    /// A phone that was let in from this card session.
    package static func mobile(openedBy session: String = "s1", insertion: String = "i1", device: String = "d1") -> Session.MobileEntry {
        Session.MobileEntry(
            grant: .code, device: device, deviceName: "Phone", thumbprint: "key-\(device)", client: RemoteClients.builtIn,
            openedBy: session, insertion: insertion, authenticatedAt: ManualClock.noon,
            card: Session.Card(generation: "cps3", type: "CPS", serial: "00000001"),
            revocation: Session.Revocation(status: .good, source: "crl", asOf: ManualClock.noon))
    }

    /// - Parameter life: seconds until it expires.
    package static func session(
        _ id: String, insertion: String = "i1", reader: String = TestAgent.reader, uid: UInt32 = 1000, holder: Holder? = nil,
        status: Session.Revocation.Status = .good, mode: Session.Mode = .card, life: Int64 = 43_200, now: Timestamp = ManualClock.noon,
        situations: [Situation] = []
    ) throws -> Session {
        let holder = try holder ?? self.holder()
        let rights: AccessMode = mode == .degraded ? .degraded : status == .good ? .card : .unchecked
        return Session(
            id: id, state: situations.count > 1 ? .profileRequired : .active,
            entry: mode == .degraded
                ? .degraded(degraded)
                : .card(
                    Session.Presence(
                        place: Session.Place(reader: reader, readerKind: "virtual", insertion: insertion),
                        card: Session.Card(generation: "cps3", type: "CPS", serial: "00000001"),
                        revocation: Session.Revocation(status: status, source: "crl", asOf: now))),
            uid: uid, resumes: nil, holder: holder,
            situations: situations, profile: situations.count == 1 ? situations.first : nil,
            scopes: HabilitationMatrix.builtIn.rights(for: Facts(holder, mode: rights, client: "default", workstation: "ws-042")).scopes,
            acr: rights.acr(issuer: TestAgent.issuer),
            amr: mode == .degraded ? ["pwd"] : ["sc", "pin", "mfa", "hwk"], openedAt: now,
            expiresAt: now.advanced(bySeconds: life))
    }
}

extension SessionRegistry {
    package func insertionBegan(_ insertion: String) { _ = staysChanged(began: [insertion], ended: [:]) }

    /// A stay ended; returns when that is written.
    package func insertionEnded(_ insertion: String, _ reason: Session.EndReason) async {
        await write(staysChanged(began: [], ended: [insertion: reason]))
    }
}
