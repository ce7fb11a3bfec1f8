package import Primitives

/// The way in without a card. Off until an establishment turns it on, with its homologation.
package struct DegradedSection: Hashable, Sendable {
    package let isEnabled: Bool
    /// `nil` while it is off.
    package let homologation: Homologation?
    /// Seconds that a session lasts, and the most that it may be extended to.
    package let session: Int64
    package let longest: Int64
    /// Seconds that a session lasts for which a colleague vouched, at most.
    package let vouched: Int64
    /// Whether one practitioner works here alone: nobody else could confirm or review.
    package let isSolo: Bool
    /// Codes of why a card is not used.
    package let reasons: [String]
    /// Whom to call, as people are told who cannot come in.
    package let contact: String?
    /// Seconds after which people are asked to choose another password, which nothing obliges them to; `nil` for never.
    package let passwordAge: Int64?
    /// File of the secret that passwords are hashed with, outside the database.
    package let pepper: String

    /// Who decided that this way in may be used, by which document, until when.
    package struct Homologation: Hashable, Sendable {
        package let authority: String
        package let reference: String
        package let validUntil: Timestamp

        package init(authority: String, reference: String, validUntil: Timestamp) {
            self.authority = authority
            self.reference = reference
            self.validUntil = validUntil
        }
    }
}

/// Declared emergencies.
package struct BreakGlassSection: Hashable, Sendable {
    /// Seconds that one lasts unless another time is asked for, and the most that it may last.
    package let usual: Int64
    package let longest: Int64
    /// Seconds without activity after which a session locks while one lasts.
    package let inactivity: Int64
    /// Seconds in which each emergency has to be reviewed.
    package let reviewWithin: Int64
    /// Codes of why one is declared.
    package let reasons: [String]
    /// Program and its arguments that is told of each, on its standard input.
    package let command: [String]
    /// Address that is told of each.
    package let webhook: WebAddress?
    /// File of the certificates above the webhook's server.
    package let webhookAuthorities: String?
}
