internal import Audit
internal import Habilitation
package import Identity
package import Primitives

extension Session {
    /// The session as callers and the store see it; absent values are `null`, so that the shape is always the same.
    package var json: JSON {
        [
            "id": .string(id), "state": .string(state.rawValue), "mode": .string(mode.rawValue),
            "reader": JSON(presence?.place.reader), "reader_kind": JSON(presence?.place.readerKind),
            "insertion": JSON(presence?.place.insertion),
            "uid": .int(Int64(uid)), "resumes": JSON(resumes),
            "card": card?.json ?? .null,
            "degraded": degraded?.json.of(holder) ?? .null, "mobile": mobile?.json.of(holder) ?? .null,
            "holder": holder.json,
            "supervisor": JSON(supervisor?.text),
            "profile": profile?.json ?? .null,
            "profiles": situations.json,
            "scopes": .array(scopes.map { .string($0.text) }),
            "acr": .string(acr), "amr": .array(amr.map(JSON.string)),
            "revocation": revocation?.json ?? .null,
            "break_glass": .array(emergencies.map { .string($0.mark.id) }),
            "test": .bool(holder.isTest),
            "opened_at": .string(openedAt.description), "expires_at": .string(expiresAt.description),
            "ended_at": JSON(endedAt?.description), "end_reason": JSON(endReason?.rawValue),
        ]
    }
}

extension Session.Card {
    package var json: JSON {
        ["generation": .string(generation), "type": JSON(type), "serial": .string(serial)]
    }
}

extension Session.DegradedEntry {
    package var json: JSON {
        [
            "origin": .string(origin.rawValue), "account": JSON(account), "made_by": JSON(madeBy), "confirmed_by": JSON(confirmedBy),
            "reason": .string(reason), "note": JSON(note),
        ]
    }
}

extension JSON {
    /// With what rights depend on besides the person and their profession.
    fileprivate func of(_ holder: Holder) -> JSON {
        with("know_how", .array(holder.knowHow.map(JSON.string))).with("card_type", JSON(holder.card.type?.rawValue))
    }
}

extension Holder {
    /// The person, as sessions, logins, cards and traces name them.
    package var json: JSON {
        [
            "national_id": .string(nationalID.text), "rpps": JSON(rpps),
            "family_name": JSON(familyName ?? pseudonym), "given_name": JSON(givenName),
            "profession": profession.map { ["code": .string($0.code), "label": JSON($0.label)] } ?? .null,
            "training": JSON(training), "structure_id": JSON(structureID?.text), "organization": JSON(organization),
            "warnings": .array(warnings.map { .string($0.rawValue) }),
        ]
    }

    /// The person in a trace: found by the national identifier.
    package var actor: JSON {
        .members([
            "national_id": .string(nationalID.text), "name": .string(displayName),
            "profession": profession.map { .string($0.code) },
        ])
    }
}

extension JSON {
    /// The text, or `null` when there is none.
    package init(_ text: String?) { self = text.map(JSON.string) ?? .null }
}
