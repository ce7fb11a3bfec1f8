internal import Audit
internal import Habilitation
internal import Identity
internal import Primitives
internal import Tokens

extension Session {
    /// The claims of an access token for this session.
    ///
    /// - Parameters:
    ///   - record: id, audience and scopes as they were traced.
    ///   - trace: sequence of the trace of this token.
    func claims(
        for record: TokenRecord, trace: UInt64, caller: Caller, issuedAt: Timestamp, keyThumbprint: String?, settings: SessionSettings
    ) -> AccessTokenClaims {
        AccessTokenClaims(
            iss: settings.issuer, sub: holder.nationalID.text, aud: record.audience, clientID: caller.client.name,
            iat: issuedAt.seconds, nbf: issuedAt.seconds, exp: record.expiresAt.seconds, jti: record.id, sid: id,
            scope: record.scopes.joined(separator: " "), authTime: authenticatedAt.seconds, acr: acr, amr: amr,
            cnf: keyThumbprint.map { AccessTokenClaims.Confirmation(jkt: $0) },
            extensions: AccessTokenClaims.Extensions(
                iheIUA: AccessTokenClaims.IHE(
                    subjectName: holder.displayName, subjectRole: holder.role.map { [.profession($0)] } ?? [],
                    subjectOrganizationID: (profile?.structure).map { [$0.text] } ?? [], purposeOfUse: purposes(under: record.emergency))),
            cps: AccessTokenClaims.CPS(
                mode: mode.rawValue, profile: profile?.id, cardSerial: card?.serial, workstation: settings.workstation,
                readerKind: presence?.place.readerKind, revocationAsOf: revocation?.asOf?.description, trace: Int64(trace),
                breakGlass: record.emergency?.id, test: holder.isTest,
                wayIn: degraded.map {
                    AccessTokenClaims.CPS.WayIn(origin: $0.origin.rawValue, madeBy: $0.madeBy, confirmedBy: $0.confirmedBy)
                }))
    }

    /// Why data is accessed: the purposes that hold, else normal care.
    private func purposes(under emergency: EmergencyMark?) -> [AccessTokenClaims.Coding] {
        let isUrgentCall = emergency?.reason == EmergencySettings.emergencyCall
        let found: [AccessTokenClaims.Coding?] = [
            emergency == nil ? nil : .breakGlass, mode == .degraded || isUrgentCall ? .emergencyTreatment : nil,
        ]
        let purposes = found.compactMap { $0 }
        return purposes.isEmpty ? [.treatment] : purposes
    }
}
