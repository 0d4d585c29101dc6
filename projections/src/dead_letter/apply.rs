//! `dead_letter`: events → rows.

use async_trait::async_trait;

use super::view::{DeadLetterView, Fold};
use crate::database::{DatabaseError, Statement, Statements};
use crate::fact::{Fact, Known};
use crate::projection::{Projection, at, micros, sequence};

/// The end of a letter tells the whole of it, so that the rows are the same whether its entry could still be read or not.
const WRITE: Statement = Statement::new(
    "UPSERT",
    "dead_letter",
    "INSERT INTO dead_letter (sequence, letter_id, consumer, origin, subject, about, event_type, event_id, correlation,
         reason, fingerprint, deliveries, parked_at, state, ended_at, ended_by, note, keep_until)
     SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
         $9::text[], $10::text[], $11::text[], $12::int8[], $13::timestamptz[], $14::text[], $15::timestamptz[],
         $16::text[], $17::text[], $18::timestamptz[])
     ON CONFLICT (sequence) DO UPDATE SET state = EXCLUDED.state, ended_at = EXCLUDED.ended_at,
         ended_by = EXCLUDED.ended_by, note = EXCLUDED.note, keep_until = EXCLUDED.keep_until",
);
const REPLACE: Statement = Statement::new(
    "DELETE",
    "dead_letter",
    "DELETE FROM dead_letter WHERE sequence = ANY($1::int8[]) AND state = 'open'",
);
const TIDY: Statement =
    Statement::new("DELETE", "dead_letter", "DELETE FROM dead_letter WHERE keep_until < $1::timestamptz");

/// Every entry of the stream is a row, until the stream forgets it.
pub(crate) struct DeadLetters;

#[async_trait]
impl Projection for DeadLetters {
    fn name(&self) -> &'static str {
        "dead_letter"
    }

    fn concerns(&self, fact: &Fact) -> bool {
        matches!(fact, Fact::DeadLetter(_))
    }

    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError> {
        let mut fold = Fold::default();
        for event in events {
            if let Fact::DeadLetter(fact) = &event.fact {
                fold.take(event.recorded.position.sequence, fact);
            }
        }
        if !fold.replaced.is_empty() {
            let replaced = fold.replaced.iter().map(|entry| sequence(*entry)).collect::<Vec<_>>();
            to.execute(REPLACE, &[&replaced]).await?;
        }
        write(&fold.rows.into_values().collect::<Vec<_>>(), to).await?;
        if let Some(latest) = events.iter().map(|event| at(&event.recorded)).max() {
            to.execute(TIDY, &[&latest]).await?;
        }
        Ok(())
    }
}

async fn write(rows: &[DeadLetterView], to: &Statements<'_>) -> Result<(), DatabaseError> {
    let letters = || rows.iter().map(|row| &row.letter);
    to.execute(
        WRITE,
        &[
            &rows.iter().map(|row| sequence(row.sequence)).collect::<Vec<_>>(),
            &letters().map(|letter| letter.id.as_str()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.consumer.as_str()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.origin.as_str()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.subject.as_str()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.about.as_deref()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.event_type.as_str()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.event_id.as_str()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.correlation.as_deref()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.reason.as_str()).collect::<Vec<_>>(),
            &letters().map(|letter| letter.fingerprint.as_str()).collect::<Vec<_>>(),
            &letters().map(|letter| sequence(letter.deliveries)).collect::<Vec<_>>(),
            &letters().map(|letter| micros(letter.parked_at)).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.state.as_str()).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.ended_at.map(micros)).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.ended_by.as_deref()).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.note.as_deref()).collect::<Vec<_>>(),
            &rows.iter().map(|row| micros(row.keep_until)).collect::<Vec<_>>(),
        ],
    )
    .await?;
    Ok(())
}
