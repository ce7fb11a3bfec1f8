internal import Audit
internal import CardDrivers
internal import Habilitation
package import Identity
internal import PKI
internal import Primitives
package import Sessions
internal import SmartCard
package import Workstation

/// What an application asks for when it begins a login.
package struct LoginRequest: Sendable {
    /// Id or PC/SC name; `nil` for any reader with a card.
    package let reader: String?
    /// For the token that comes with the session; `nil` for none.
    package let token: TokenRequest?
    /// The user the session is for, when it is not the caller.
    package let forUID: UInt32?
    /// The account of this machine that it is for, instead of a user.
    package let account: AccountWish?
    package let resumes: String?
    /// Id of the situation to work in; `nil` for the only one, or one to be chosen.
    package let profile: String?
    /// The professional under whom the holder of a CPF works, as they say it.
    package let supervisor: NationalID?
    /// An emergency that is declared with it.
    package let emergency: EmergencyRequest?

    package init(
        reader: String?, token: TokenRequest?, forUID: UInt32?, account: AccountWish? = nil, resumes: String?, profile: String? = nil,
        supervisor: NationalID? = nil, emergency: EmergencyRequest? = nil
    ) {
        self.reader = reader
        self.token = token
        self.forUID = forUID
        self.account = account
        self.resumes = resumes
        self.profile = profile
        self.supervisor = supervisor
        self.emergency = emergency
    }
}

/// An attempt to log in, to unlock a session, to change a PIN, or to sign: from the card that was found to the codes that are given.
/// It lives a minute.
struct Login: Sendable {
    enum State: String, Sendable {
        case awaitingPIN = "awaiting_pin"
        /// A PIN is being tried; no other may be.
        case verifying
        /// The session that it opened waits for a situation.
        case awaitingProfile = "awaiting_profile"
        case done, failed, cancelled, expired
    }

    let id: String
    let purpose: Purpose
    var state = State.awaitingPIN
    let caller: Caller
    let request: LoginRequest
    let view: ReaderView
    let insertion: Insertion
    var reading: CardReading
    let certificate: VerifiedCertificate
    let revocation: Session.Revocation
    let holder: Holder
    let situations: [Situation]
    /// As asked for, else the only one.
    let profile: Situation?
    let scopes: [Scope]
    /// The account of this machine that it is for; `nil` where none was asked for.
    var account: LocalAccount?
    /// What the last answer showed; the card must not have fewer when the PIN is sent.
    var triesShown: Int?
    /// Of both codes, for what is done to a PIN.
    var counters: CodeCounters?
    /// Codes of a PIN operation that wait for the others.
    var codes: [PINOperation.Code: HeldCode] = [:]
    /// What is to be signed; `nil` where nothing is.
    var batch: SignatureBatch?
    /// Stands in the last answer when one try is left; giving it back is the consent to spend it.
    var lastTryConsent: String?
    let expiresAt: Timestamp
    let deadline: Duration
    var failure: Refusal?
    /// Id of the session that it opened.
    var session: String?
    /// That the card was reported lost; the password of its holder is then asked for before the PIN.
    var lost: LostCard?
    /// Whether that password was given.
    var isLifting = false
    /// What the card holds behind its PIN; `nil` where it was not read.
    var protectedObjects: [DataObject]?

    /// Seconds that a login lives.
    static let life: Int64 = 60

    /// Whether its tries are those of the holder's PIN, which the card shows to everybody.
    var stakesHolderPIN: Bool {
        switch purpose {
        case .login, .unlock, .vouch, .admit: true
        case .pin(let operation): operation == .change
        case .sign: reading.content.signature?.pin == reading.content.pin
        }
    }

    /// Whether it has the reader still.
    var isOpen: Bool { state == .awaitingPIN || state == .verifying }

    /// The user that its session is for.
    var uid: UInt32 { account?.uid ?? request.forUID ?? caller.uid }

    /// Whether the holder should ask for a new card: its certificate was within thirty days of its end when this began.
    private var endsSoon: Bool { certificate.fields.endsSoon(at: certificate.verifiedAt) }

    /// What somebody hears who gives it a PIN now; `nil` when it waits for one.
    var refusal: Refusal? {
        switch state {
        case .awaitingPIN: nil
        case .expired: Refusal(.loginExpired)
        case .failed: failure ?? Refusal(.loginState)
        case .verifying, .awaitingProfile, .done, .cancelled: Refusal(.loginState)
        }
    }

    /// A trace about this login.
    func trace(_ event: TraceEvent, _ outcome: TraceOutcome, _ code: ErrorCode? = nil, at time: Timestamp) -> TraceDraft {
        var draft = TraceDraft(event, outcome, at: time)
        draft.client = caller.json
        draft.actor = holder.actor
        draft.reader = [
            "name": .string(view.reader.name), "kind": .string(view.reader.kind.rawValue), "insertion": .string(insertion.id),
        ]
        draft.card = [
            "generation": .string(reading.content.identity.generation.rawValue),
            "serial": .string(reading.content.identity.serial.digits),
        ]
        draft.mode = Session.Mode.card.rawValue
        draft.session = purpose.session?.id
        draft.emergency = purpose.session?.mark(for: caller.client.name)
        draft.detail = event.isSignature ? signatureDetail : purpose.operationName.map { ["operation": .string($0)] }
        draft.code = code?.rawValue
        return draft
    }

    /// As the answer to its caller shows it, with the consent to a last try.
    var answer: JSON {
        guard let lastTryConsent, case .object(let members) = json else { return json }
        return .object(members.merging(["last_try_consent": .string(lastTryConsent)]) { first, _ in first })
    }

    /// As listeners see it: the consent is for whoever read the answer, not for every program that listens.
    var json: JSON {
        // `verifying` is between two states of the closed list; from outside it still awaits the outcome of its PIN.
        let shown = state == .verifying ? .awaitingPIN : state
        var members: [String: JSON] = [
            "id": .string(id), "state": .string(shown.rawValue), "reader": .string(view.reader.name), "reader_id": .string(view.id),
            "insertion": .string(insertion.id), "uid": .int(Int64(uid)),
            "generation": .string(reading.content.identity.generation.rawValue),
            "serial": .string(reading.content.identity.serial.digits), "holder": holder.json,
            "tries_left": triesShown.map { .int(Int64($0)) } ?? "unknown",
            "pin": [
                "minimum_length": .int(Int64(reading.content.pin.minimumLength)),
                "maximum_length": .int(Int64(reading.content.pin.maximumLength)),
            ],
            "scopes": .array(scopes.map { .string($0.text) }),
            "certificate_ends_soon": endsSoon ? .string(certificate.fields.notAfter.description) : .null,
            "keypad": .bool(view.reader.hasKeypad), "test": .bool(holder.isTest), "expires_at": .string(expiresAt.description),
        ]
        members["account"] = account?.json
        members["code"] = failure.map { .string($0.code.rawValue) }
        members["reported_lost"] = lost.map { lost in
            ["cause": .string(lost.cause.rawValue), "reported_at": .string(lost.at.description), "awaits_password": .bool(!isLifting)]
        }
        return .object(members)
    }
}
