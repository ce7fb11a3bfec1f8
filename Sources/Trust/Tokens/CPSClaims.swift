extension AccessTokenClaims {
    /// What the agent adds to the standards' claims. Absent values are written as `null`, so that the shape is always the same; only
    /// ``wayIn`` is there in tokens of a session without the card alone.
    package struct CPS: Codable, Hashable, Sendable {
        package var mode: String
        /// The chosen situation of practice.
        package var profile: String?
        package var cardSerial: String?
        package var workstation: String
        package var readerKind: String?
        /// How fresh the revocation data was, RFC 3339.
        package var revocationAsOf: String?
        /// Sequence of the trace of this token: who keeps the token becomes a witness of the log.
        package var trace: Int64
        /// Id of the declaration under which it was issued.
        package var breakGlass: String?
        package var test: Bool
        package var wayIn: WayIn?

        /// Who let somebody in without their card.
        package struct WayIn: Codable, Hashable, Sendable {
            /// `holder`, `referent` or `vouched`.
            package var origin: String
            /// National identifiers; `nil` where the holder made it themself.
            package var madeBy: String?
            package var confirmedBy: String?

            package init(origin: String, madeBy: String?, confirmedBy: String?) {
                self.origin = origin
                self.madeBy = madeBy
                self.confirmedBy = confirmedBy
            }

            private enum CodingKeys: String, CodingKey {
                case origin
                case madeBy = "made_by"
                case confirmedBy = "confirmed_by"
            }
        }

        package init(
            mode: String, profile: String?, cardSerial: String?, workstation: String, readerKind: String?, revocationAsOf: String?,
            trace: Int64, breakGlass: String?, test: Bool, wayIn: WayIn? = nil
        ) {
            self.mode = mode
            self.profile = profile
            self.cardSerial = cardSerial
            self.workstation = workstation
            self.readerKind = readerKind
            self.revocationAsOf = revocationAsOf
            self.trace = trace
            self.breakGlass = breakGlass
            self.test = test
            self.wayIn = wayIn
        }

        private enum CodingKeys: String, CodingKey {
            case mode, profile, workstation, trace, test
            case cardSerial = "card_serial"
            case readerKind = "reader_kind"
            case revocationAsOf = "revocation_as_of"
            case breakGlass = "break_glass"
            case wayIn = "way_in"
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(mode, forKey: .mode)
            try container.encode(profile, forKey: .profile)
            try container.encode(cardSerial, forKey: .cardSerial)
            try container.encode(workstation, forKey: .workstation)
            try container.encode(readerKind, forKey: .readerKind)
            try container.encode(revocationAsOf, forKey: .revocationAsOf)
            try container.encode(trace, forKey: .trace)
            try container.encode(breakGlass, forKey: .breakGlass)
            try container.encode(test, forKey: .test)
            try container.encodeIfPresent(wayIn, forKey: .wayIn)
        }
    }
}
