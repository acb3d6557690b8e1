-- When what a run does is written: `transition` or `suspend`.
ALTER TABLE runs ADD COLUMN durability TEXT NOT NULL DEFAULT 'transition';
