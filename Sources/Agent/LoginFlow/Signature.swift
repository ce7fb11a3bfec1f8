internal import Audit
internal import CardDrivers
internal import Identity
internal import PKI
internal import Primitives
internal import Sessions
internal import Signatures
internal import SmartCard

/// What becomes of a batch on its way from the request to its signatures.
struct SignatureBatch: Sendable {
    let request: SignatureRequest
    /// Of the documents that were uploaded, by item.
    var uploaded: [Int: DocumentDigest] = [:]
    /// What the card signed, in the order of items and formats; given out until the minute of the attempt is over.
    var made: [MadeSignature] = []
    var signedAt: Timestamp?

    /// Items whose document has yet to come.
    var missing: [Int] { request.items.indices.filter { digest(of: $0) == nil } }

    func digest(of item: Int) -> [UInt8]? { request.items[item].digest ?? uploaded[item]?.digest }

    /// What every trace tells of it: each item by name, media type and hash, never its content.
    var detail: [String: JSON] {
        let items = request.items.enumerated().map { index, item -> JSON in
            .members([
                "name": .string(item.name), "media_type": .string(item.mediaType),
                "sha256": digest(of: index).map { .string(Hex.encode($0)) }, "size": uploaded[index].map { .int(Int64($0.size)) },
            ])
        }
        return ["formats": .array(request.formats.map { .string($0.rawValue) }), "items": .array(items)]
    }

    /// What the card signs for each item and format.
    func orders(_ certificate: VerifiedCertificate, at time: Timestamp) throws(SignatureFailure) -> [SignatureOrder] {
        var orders: [SignatureOrder] = []
        for (index, item) in request.items.enumerated() {
            guard let document = digest(of: index) else { throw .malformedDigest }
            for format in request.formats {
                let message =
                    format == .raw
                    ? nil : try DetachedSignature(document: document, mediaType: item.mediaType, certificate: certificate, time: time)
                orders.append(SignatureOrder(item: index, digest: message?.digest ?? document, message: message))
            }
        }
        return orders
    }
}

/// One signature that the card has to make.
struct SignatureOrder: Sendable {
    let item: Int
    /// SHA-256 of what is signed.
    let digest: [UInt8]
    /// What the signature goes into; `nil` for one that stands alone.
    let message: DetachedSignature?

    /// - Parameter stamp: what came of the wish for a stamp; `nil` where there was none. A signature goes without rather than be lost.
    func fulfilled(
        _ signature: [UInt8], _ stamp: Result<SignatureStamp, TimestampFailure>?
    ) throws(SignatureFailure) -> MadeSignature {
        let token: [UInt8]? = if case .success(let stamp)? = stamp { stamp.token } else { nil }
        let bytes = try message?.message(signature, stamp: token) ?? signature
        return MadeSignature(
            item: item, format: message == nil ? .raw : .cms, bytes: bytes, fingerprint: try DetachedSignature.fingerprint(of: bytes),
            stamp: stamp)
    }
}

/// A signature as it is given out.
struct MadeSignature: Hashable, Sendable {
    let item: Int
    let format: SignatureRequest.Format
    let bytes: [UInt8]
    /// SHA-256 of ``bytes``.
    let fingerprint: [UInt8]
    /// `nil` where none was asked for.
    let stamp: Result<SignatureStamp, TimestampFailure>?

    var json: JSON {
        ["format": .string(format.rawValue), "value": .string(StandardBase64.encode(bytes)), "timestamp": timestampJSON(withToken: true)]
    }

    /// For a trace: never the signature itself.
    var traceJSON: JSON {
        .members([
            "item": .int(Int64(item)), "format": .string(format.rawValue), "sha256": .string(Hex.encode(fingerprint)),
            "timestamp": stamp.map { _ in timestampJSON(withToken: false) },
        ])
    }

    private func timestampJSON(withToken: Bool) -> JSON {
        switch stamp {
        case nil: .null
        case .success(let stamp)?:
            .members([
                "time": .string(stamp.time.description), "verified": .bool(stamp.isVerified),
                "token": withToken ? .string(StandardBase64.encode(stamp.token)) : nil,
            ])
        case .failure(let failure)?:
            ["code": .string(ErrorCode.timestampUnavailable.rawValue), "detail": .string(failure.reason.cut(toBytes: 300))]
        }
    }
}

extension Login {
    /// What a trace about the batch tells, with what it is signed with.
    var signatureDetail: JSON? {
        guard let batch else { return nil }
        let key: [String: JSON] = [
            "signature": .string(id), "certificate": .string(Hex.encode(certificate.fingerprint)), "revocation": revocation.json,
        ]
        return .object(batch.detail.merging(key) { member, _ in member })
    }

    /// A batch as the answer to its caller shows it, with the consent to a last try and, once made, the signatures.
    var signatureAnswer: JSON {
        guard let batch, let session = purpose.session, let pin = reading.content.signature?.pin else { return .null }
        // `verifying` is between two states of the closed list, as at a login.
        let shown = state == .verifying ? .awaitingPIN : state
        let awaited = batch.missing.map { JSON.string("documents/\($0)") } + ["pin"]
        return .members([
            "id": .string(id), "session": .string(session.id), "state": .string(shown.rawValue),
            "awaits": .array(state == .awaitingPIN ? awaited : []),
            "reader": .string(view.reader.name), "reader_id": .string(view.id), "insertion": .string(insertion.id),
            "card": [
                "generation": .string(reading.content.identity.generation.rawValue),
                "serial": .string(reading.content.identity.serial.digits),
            ],
            "holder": holder.json, "test": .bool(holder.isTest),
            "tries_left": triesShown.map { .int(Int64($0)) } ?? "unknown",
            "pin": ["minimum_length": .int(Int64(pin.minimumLength)), "maximum_length": .int(Int64(pin.maximumLength))],
            "formats": .array(batch.request.formats.map { .string($0.rawValue) }),
            "certificate": .string(StandardBase64.encode(certificate.der)), "revocation": revocation.json,
            "items": .array(batch.request.items.indices.map { item($0, batch) }),
            "signed_at": JSON(batch.signedAt?.description), "expires_at": .string(expiresAt.description),
            "code": failure.map { .string($0.code.rawValue) },
            "last_try_consent": lastTryConsent.map(JSON.string),
        ])
    }

    private func item(_ index: Int, _ batch: SignatureBatch) -> JSON {
        let item = batch.request.items[index]
        let hash: JSON? = batch.digest(of: index).map { ["algorithm": "sha256", "value": .string(Hex.encode($0))] }
        return [
            "name": .string(item.name), "media_type": .string(item.mediaType), "hash": hash ?? .null,
            "signatures": .array(
                batch.made.filter { $0.item == index }.map(\.json)),
        ]
    }
}
