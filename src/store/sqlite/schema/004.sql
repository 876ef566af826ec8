-- A mark has an end. Without one nobody says when the crisis was over.
ALTER TABLE mark ADD COLUMN until INTEGER;
